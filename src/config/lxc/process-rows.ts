import { quote } from '../display-text.js';
import type { ContainerSpec, HookPoint, HookSpec, NamespaceKind, NamespaceSource, RlimitSpec } from '../spec.js';
import { joinCommand } from './command-words.js';
import { type KeyRow, kept, key, lines, refused, type ValueType } from './rows.js';
import { signal } from './signal-names.js';
import { anyText, matching, oneOf, parseInteger, right, unknownWord, WRONG, words, zeroOrOne } from './values.js';

/** Rows about namespaces, limits, settings of the kernel, hooks and logs. */

export const NAMESPACES = [
  'mnt',
  'pid',
  'uts',
  'ipc',
  'user',
  'net',
  'cgroup',
  'time',
] as const satisfies NamespaceKind[];

const kinds = words(NAMESPACES, 'names of /proc/PID/ns');

export const namespaceClone = key(
  'lxc.namespace.clone',
  "the only namespaces of its own; the others are the host's",
  kinds,
  {
    list: true,
  },
);

export const namespaceKeep = key(
  'lxc.namespace.keep',
  'namespaces of the host; not together with `lxc.namespace.clone`',
  kinds,
  {
    list: true,
    print: ({ namespaces = {}, interfaces }) => {
      // Without links, a network says by its type that it is the host's.
      const host = NAMESPACES.filter(
        (kind) => (kind !== 'net' || interfaces.length > 0) && namespaces[kind]?.kind === 'host',
      );
      return host.length === 0 ? [] : lines(host.join(' '));
    },
  },
);

export const namespaceShare: KeyRow<string> = key(
  'lxc.namespace.share',
  'a namespace of another container (its name), a process (its pid), or a file of namespaces below /proc or /run/netns',
  anyText,
  {
    family: 'KIND',
    print: ({ namespaces = {} }) =>
      NAMESPACES.flatMap((kind) => {
        const value = formatSource(namespaces[kind]);
        return value === undefined ? [] : [{ name: kind, value }];
      }),
  },
);

function formatSource(source: NamespaceSource | undefined): string | undefined {
  switch (source?.kind) {
    case 'container':
      return source.name;
    case 'pid':
      return String(source.pid);
    case 'netns':
      return `/run/netns/${source.name}`;
    case 'path':
      return source.path;
    default:
      return undefined;
  }
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  ns: 1n,
};

const MAX_NS = 2n ** 63n - 1n;

/** Nanoseconds as text. */
const offset: ValueType<string> = {
  label: 'a number with one of h, m, s, ms, us, ns',
  parse: (text) => {
    const match = /^([+-]?\d{1,19})(h|m|s|ms|us|ns)$/.exec(text);
    if (match === null) return WRONG;
    const ns = BigInt(match[1] ?? '0') * (UNITS[match[2] ?? ''] ?? 1n);
    return ns > MAX_NS || ns < -MAX_NS ? { ok: false, reason: 'must fit 64 bits of nanoseconds' } : right(String(ns));
  },
};

const nanoseconds = (ns: string | undefined) => (ns === undefined ? [] : lines(`${ns}ns`));

export const timeBoot = key('lxc.time.offset.boot', 'how much later CLOCK_BOOTTIME is inside', offset, {
  needs: 'time namespaces (Linux 5.6)',
  print: ({ process }) => nanoseconds(process?.timeOffsets?.boottimeNs),
});

export const timeMonotonic = key('lxc.time.offset.monotonic', 'how much later CLOCK_MONOTONIC is inside', offset, {
  needs: 'time namespaces (Linux 5.6)',
  print: ({ process }) => nanoseconds(process?.timeOffsets?.monotonicNs),
});

export const RLIMITS =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');

const MAX_RLIMIT = 18446744073709551615n;

function parseLimit(text: string): number | 'infinity' | undefined {
  if (text === 'unlimited' || (/^\d{1,20}$/.test(text) && BigInt(text) === MAX_RLIMIT)) return 'infinity';
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

const limits: ValueType<Omit<RlimitSpec, 'name'>> = {
  label: "SOFT or SOFT:HARD, each a number or 'unlimited'",
  parse: (text) => {
    const [first = '', second = first, ...more] = text.split(':').map((part) => part.trim());
    const soft = parseLimit(first);
    const hard = parseLimit(second);
    if (soft === undefined || hard === undefined || more.length > 0) return WRONG;
    const isAbove = hard !== 'infinity' && (soft === 'infinity' || soft > hard);
    return isAbove ? { ok: false, reason: 'the soft limit must not be above the hard one' } : right({ soft, hard });
  },
};

const limitText = (limit: number | 'infinity') => (limit === 'infinity' ? 'unlimited' : String(limit));

export const prlimit = key('lxc.prlimit', `a limit of getrlimit(2): one of ${RLIMITS.join(', ')}`, limits, {
  family: 'NAME',
  legacy: ['lxc.limit'],
  print: ({ process }) =>
    (process?.rlimits ?? []).map(({ name, soft, hard }) => ({
      name,
      value: soft === hard ? limitText(soft) : `${limitText(soft)}:${limitText(hard)}`,
    })),
});

export const sysctl = key('lxc.sysctl', 'written below /proc/sys before init runs', anyText, {
  family: 'NAME',
  print: ({ process }) => process?.sysctls ?? [],
});

export const procFile = key('lxc.proc', 'written to that file of /proc/PID of init', anyText, {
  family: 'FILE',
  print: ({ process }) => [
    ...(process?.oomScoreAdj === undefined ? [] : [{ name: 'oom_score_adj', value: String(process.oomScoreAdj) }]),
    ...(process?.procFiles ?? []).map(({ file, value }) => ({ name: file, value })),
  ],
});

export const hookVersion = key(
  'lxc.hook.version',
  'how hooks are told: 0 by arguments, 1 by LXC_HOOK_TYPE and the like',
  oneOf('0', '1'),
  {
    byDefault: '0',
    print: ({ hooks = [] }) => (hooks.some(({ convention }) => convention === 'lxc1') ? lines(1) : []),
  },
);

/** A hook is a line for a shell; of another format's, whose words are separate, one is made. */
function formatHook({ path, args, convention }: HookSpec): string | undefined {
  if (convention === 'oci') return undefined;
  const [option, line, ...more] = args;
  if (path === '/bin/sh' && option === '-c' && line !== undefined && more.length === 0) return line;
  return joinCommand([path, ...args]);
}

const HOOKS: readonly (readonly [when: HookPoint, about: string])[] = [
  ['pre-start', 'on the host, before anything is made'],
  ['pre-mount', "in the container's mount namespace, before the root is mounted"],
  ['mount', 'likewise, after all mounts'],
  ['autodev', 'likewise, after the hooks of `mount`, with `lxc.autodev`'],
  ['start-host', 'on the host, before init runs'],
  ['start', 'inside, before init runs; the program must be there'],
  ['stop', 'on the host, with the namespaces still there'],
  ['post-stop', 'on the host, after everything'],
  ['clone', 'when it is copied'],
  ['destroy', 'when it is removed'],
];

export const HOOK_ROWS: readonly (KeyRow<string> & { readonly when: HookPoint })[] = HOOKS.map(([when, about]) => ({
  when,
  ...key(`lxc.hook.${when}`, `a line for /bin/sh: ${about}`, anyText, {
    list: true,
    print: ({ hooks = [] }: ContainerSpec) =>
      lines(...hooks.filter((hook) => hook.when === when).map((hook) => formatHook(hook))),
  }),
}));

/** Only without a value. */
export const hook = key('lxc.hook', 'without a value: takes all hooks back', anyText);

const OWN_LOG = "the monitor's log is ctr's";
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'NOTICE', 'WARN', 'WARNING', 'ERROR', 'CRIT', 'ALERT', 'FATAL'];

const logLevel: ValueType<string> = {
  label: 'a level from 0 to 8, or its name',
  parse: (text) => {
    const number = parseInteger(text);
    if (number !== undefined) return number >= 0 && number <= 8 ? right(text) : WRONG;
    return LEVELS.includes(text.toUpperCase()) ? right(text) : unknownWord(text, LEVELS, `${quote(text)} is no level`);
  },
};

export const PROCESS_ROWS = [
  namespaceClone,
  namespaceKeep,
  namespaceShare,
  timeBoot,
  timeMonotonic,
  prlimit,
  sysctl,
  procFile,
  refused('lxc.sched.core', 'its programs share no CPU core with others', zeroOrOne, 'core scheduling', {
    quiet: ['0'],
  }),
  hookVersion,
  ...HOOK_ROWS,
  hook,
  kept('lxc.log.level', 'what is logged', logLevel, OWN_LOG, { legacy: ['lxc.loglevel'] }),
  kept('lxc.log.file', 'where', anyText, OWN_LOG, { legacy: ['lxc.logfile'] }),
  kept(
    'lxc.log.syslog',
    'facility of syslog(3)',
    matching('daemon, or local0 to local7', /^(daemon|local[0-7])$/),
    OWN_LOG,
    { legacy: ['lxc.syslog'] },
  ),
  kept('lxc.monitor.unshare', 'whether the monitor has a mount namespace', anyText, 'it has one of its own', {
    quiet: ['0', '1'],
  }),
  kept('lxc.monitor.signal.pdeath', 'what init gets when the monitor ends', signal, 'it gets SIGKILL', {
    quiet: ['SIGKILL', '9'],
  }),
];
