/** Options of the verbs that the front door (`native/front*.c`) carries out itself. Both parsers are made from this table. */
import type { Command } from 'commander';
import { Option } from 'commander';
import {
  collect,
  collectEnv,
  parseAbsolute,
  parseConsole,
  parseCount,
  parseCpus,
  parseDuration,
  parseEscape,
  parseJobs,
  parseSeconds,
  parseSize,
} from './values.js';

export interface HotOption {
  readonly short?: string;
  readonly long: string;
  /** How help writes its value: `<seconds>`; a switch has none. */
  readonly value?: string;
  /** What help says; one without is not shown there. */
  readonly text?: string;
  /** Checks the value and throws the parser's own error. */
  readonly parse?: (text: string, earlier?: never) => unknown;
}

const ALL_DEFINED: HotOption = { long: 'all', text: 'all containers that are defined' };
const ALL_RUNNING: HotOption = { long: 'all', text: 'all containers that run' };
/** For the library: results as lines of JSON on descriptor 3. */
const REPORT: HotOption = { long: 'report' };
/** For the library: window sizes and signals come on descriptor 3. */
const CONTROL: HotOption = { long: 'control' };

function timeout(text: string): HotOption {
  return { long: 'timeout', value: '<seconds>', text, parse: parseSeconds };
}

export const HOT_VERBS = {
  start: [
    ALL_DEFINED,
    {
      short: 'j',
      long: 'jobs',
      value: '<n>',
      text: 'start so many at a time (default: one for each CPU)',
      parse: parseJobs,
    },
    { long: 'console', text: 'join the console once it runs (one container)' },
    REPORT,
  ],
  stop: [
    ALL_RUNNING,
    timeout('how long each may take before it is killed (default: 10)'),
    { long: 'force', text: 'kill at once' },
    REPORT,
  ],
  shutdown: [ALL_RUNNING, timeout('how long to wait for the end of each (default: 60)'), REPORT],
  destroy: [ALL_RUNNING, REPORT],
  wait: [timeout('give up after this time'), REPORT],
  suspend: [ALL_RUNNING, timeout('how long each may take before it goes on as it was (default: 10)'), REPORT],
  resume: [{ long: 'all', text: 'all containers that are paused' }, REPORT],
  enter: [
    { short: 'u', long: 'user', value: '<user>', text: "user inside, or 'USER:GROUP' (default: root)" },
    { short: 'w', long: 'workdir', value: '<dir>', text: "working directory inside (default: the user's home)" },
    {
      short: 'e',
      long: 'env',
      value: '<name=value>',
      text: 'add to its environment; may be repeated',
      parse: collectEnv,
    },
    { short: 't', long: 'tty', text: 'give it a terminal, also when stdin is none' },
    { short: 'T', long: 'no-tty', text: 'give it no terminal' },
    { short: 'n', long: 'no-stdin', text: 'give it an empty stdin' },
    { short: 'd', long: 'detach', text: 'leave it running in the background; what it says goes nowhere' },
    {
      long: 'without',
      value: '<parts>',
      text: "less confined than init: without 'capabilities' (limits of), 'seccomp', 'label'; commas between",
    },
    CONTROL,
  ],
  run: [
    { long: 'rootfs', value: '<dir>', text: 'root file system; what is written to it is gone afterwards' },
    {
      long: 'from',
      value: '<name>',
      text: 'the root of a defined container; what is written to it is gone afterwards',
    },
    {
      long: 'host-readonly',
      text: "the host's tree, read-only, with a /tmp, /home, /root and /run of its own (default)",
    },
    { long: 'boot', text: 'boot the tree of --rootfs: its init instead of a command; what it writes stays' },
    { long: 'ephemeral', text: 'with --boot: what is written is gone afterwards' },
    {
      long: 'bind',
      value: '<src[:dst]>',
      text: 'a directory or file of the host, writable; may be repeated',
      parse: collect,
    },
    { long: 'bind-ro', value: '<src[:dst]>', text: 'the same, read-only', parse: collect },
    {
      long: 'net',
      value: '<network>',
      text: "'none': its own loopback (default), 'host', 'user': the way out for an ordinary user, or a network",
    },
    {
      short: 'p',
      long: 'publish',
      value: '<port>',
      text: "a port of the host that leads inside, '[ADDR:]HOST[:INSIDE][/udp]'; may be repeated (alone: --net default, a user's: --net user)",
      parse: collect,
    },
    { long: 'memory', value: '<size>', text: "limit of its memory, as in '64M' (default: 1G)", parse: parseSize },
    { long: 'pids', value: '<n>', text: 'how many processes it may have (default: 1024)', parse: parseCount },
    { long: 'cpus', value: '<n>', text: 'how much processor time, in processors (default: all)', parse: parseCpus },
    {
      long: 'timeout',
      value: '<duration>',
      text: "end it after '5', '1.5s', '2m'; exit status 124",
      parse: parseDuration,
    },
    { short: 'u', long: 'user', value: '<user>', text: "user inside, or 'USER:GROUP' (default: root)" },
    {
      short: 'w',
      long: 'workdir',
      value: '<dir>',
      text: 'working directory inside (default: /)',
      parse: parseAbsolute,
    },
    {
      short: 'e',
      long: 'env',
      value: '<name=value>',
      text: 'add to its environment; may be repeated',
      parse: collectEnv,
    },
    { short: 't', long: 'tty', text: 'give it a terminal, also when stdin is none' },
    { short: 'T', long: 'no-tty', text: 'give it no terminal' },
    { long: 'name', value: '<name>', text: 'what it is called while it runs' },
    REPORT,
  ],
  cp: [
    { short: 'a', long: 'archive', text: 'keep owners (by their numbers inside), times, and attributes of users' },
    { short: 'L', long: 'follow-link', text: 'copy what SRC points to, where it is a symbolic link' },
  ],
  events: [{ long: 'json', text: 'as JSON, one object a line' }],
  console: [
    { long: 'devname', value: '<console>', text: "which one: 'console0', 'console1', …", parse: parseConsole },
    {
      long: 'escape',
      value: '<keys>',
      text: "keys that leave it, as in '^]' (default), '^a q', '^P,^Q', 'none'",
      parse: parseEscape,
    },
    { long: 'take', text: 'type here from now on, whoever did so far' },
    { long: 'watch', text: 'look on, and type nothing' },
  ],
} as const satisfies Record<string, readonly HotOption[]>;

export type HotVerb = keyof typeof HOT_VERBS;

/** Gives the parser of a command the options of its verb. */
export function addHotOptions(command: Command, verb: HotVerb): Command {
  for (const option of HOT_VERBS[verb] as readonly HotOption[]) command.addOption(makeOption(option));
  return command;
}

/** Names, of which one is needed unless --all says it. */
export function addNames(command: Command, text: string): void {
  command.argument('[name...]', `${text}; '*', '?' and '[…]' match names`).hook('preAction', () => {
    const { all } = command.opts<{ all?: boolean }>();
    if (all && command.args.length > 0) command.error('error: --all takes no names');
    if (!all && command.args.length === 0) command.error("error: missing required argument 'name'");
  });
}

function makeOption({ short, long, value, text, parse }: HotOption): Option {
  const flags = [short === undefined ? '' : `-${short}, `, `--${long}`, value === undefined ? '' : ` ${value}`].join(
    '',
  );
  const option = new Option(flags, text).hideHelp(text === undefined);
  return parse === undefined ? option : option.argParser(parse as (value: string, previous: unknown) => unknown);
}
