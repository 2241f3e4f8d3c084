/**
 * What completion knows of each verb. The commands themselves know it too, but to load one may load the XML parser, and every TAB
 * would wait for it: a test compares.
 */
import { FORMAT_WORDS } from '../config/detect-format.js';
import { LIMIT_KEYS } from '../config/limits/assign.js';
import { HOT_VERBS, type HotOption, type HotVerb } from './hot-verbs.js';
import { SORT_KEYS } from './top-model.js';

/** `running` and `all` are names of containers. */
export type OperandKind = 'running' | 'all' | 'files' | readonly string[];

export interface CompletedOption extends HotOption {
  /** What its value can be; without it the value is the user's own. */
  readonly values?: OperandKind;
}

export interface CompletedVerb {
  readonly options: readonly CompletedOption[];
  /** What its operands are; without it nobody can guess them. */
  readonly operands?: OperandKind;
  /** It takes more than one. */
  readonly many?: boolean;
  /** What its second operand is. */
  readonly second?: OperandKind;
  /** So are those behind it. */
  readonly manySecond?: boolean;
  /** From its second operand on, the words are those of a command inside. */
  readonly commandFollows?: boolean;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** How a file is to be read. */
const GIVEN_OPTIONS: readonly CompletedOption[] = [
  {
    long: 'format',
    value: '<format>',
    text: 'xml, nspawn, lxc, oci, json (default: what name and text tell)',
    values: FORMAT_WORDS,
  },
  { long: 'name', value: '<name>', text: "name of the container instead of the text's" },
  { long: 'rootfs', value: '<dir>', text: "its root instead of the text's" },
];
const DEVICE_OPTIONS: readonly CompletedOption[] = [
  { long: 'config', text: 'change the definition (the only way so far)' },
  { long: 'live' },
];
/** Of options of `run`; besides these of --net there are the names of networks. */
const RUN_VALUES: Readonly<Record<string, OperandKind>> = {
  net: ['none', 'host', 'user', 'default'],
  from: 'all',
  rootfs: 'files',
  bind: 'files',
  'bind-ro': 'files',
};
const JSON_OPTION: CompletedOption = { long: 'json', text: 'as JSON' };

function hot(verb: HotVerb, operands: OperandKind, rest: Omit<CompletedVerb, 'options'> = {}): CompletedVerb {
  return { options: HOT_VERBS[verb], operands, ...rest };
}

/** By the name of the verb. */
export const COMPLETED_VERBS: Readonly<Record<string, CompletedVerb>> = {
  bootstrap: {
    options: [
      { long: 'template', value: '<template>', text: 'what to make it from: busybox', values: ['busybox'] },
      { long: 'memory', value: '<size>', text: "limit of memory, as in '64M'" },
      { long: 'pids', value: '<count>', text: 'limit of processes' },
      { long: 'network', value: '<name>', text: "network that it connects to, or 'none' (default: 'default')" },
      { long: 'password', value: '<text>', text: 'password of root inside; a random one when missing' },
    ],
  },
  define: {
    options: [
      ...GIVEN_OPTIONS,
      { long: 'replace', text: 'take the place of another definition of this name' },
      {
        long: 'settings',
        value: '<mode>',
        text: 'with --rootfs alone: what NAME.nspawn may say (default: yes)',
        values: ['yes', 'no', 'override', 'trusted'],
      },
      {
        long: 'ownership',
        value: '<how>',
        text: "'chown': give the files of the root to its ids on the host, where its file system has no id-mapped mounts",
        values: ['chown'],
      },
    ],
    operands: 'files',
    many: true,
  },
  undefine: {
    options: [{ long: 'remove-storage', text: 'remove its root file system too, when ctr made it' }],
    operands: 'all',
    many: true,
  },
  validate: {
    options: [...GIVEN_OPTIONS, JSON_OPTION, { long: 'schema', text: "print the JSON Schema of ctr's own JSON" }],
    operands: 'files',
    many: true,
  },
  convert: {
    options: [
      { long: 'to', value: '<format>', text: 'what to print: xml, nspawn, lxc, oci, json', values: FORMAT_WORDS },
      { long: 'from', value: '<format>', text: 'what it is (default: what name and text tell)', values: FORMAT_WORDS },
      { long: 'name', value: '<name>', text: "name of the container instead of the text's" },
      { long: 'rootfs', value: '<dir>', text: "its root instead of the text's" },
      { long: 'like-libvirt', text: "from lxc to xml as libvirt's own conversion" },
      { long: 'uuid', value: '<uuid>', text: 'uuid of the domain; its MAC addresses follow from it' },
      { long: 'emulator', value: '<path>', text: 'path of <emulator>, with --like-libvirt' },
      { long: 'strict', text: 'exit status 1 when something is lost' },
    ],
    operands: 'files',
  },
  dumpxml: {
    options: [{ long: 'inactive', text: 'what the next start uses, not what is running' }],
    operands: 'all',
  },
  edit: { options: [], operands: 'all' },
  'attach-device': { options: DEVICE_OPTIONS, operands: 'all', second: 'files' },
  'detach-device': { options: DEVICE_OPTIONS, operands: 'all', second: 'files' },
  set: {
    options: [
      { long: 'live', text: 'the running container, until it stops' },
      { long: 'config', text: 'the definition, from the next start on' },
      { long: 'current', text: 'the running container, or the definition where it does not run (default)' },
      { long: 'keys', text: 'list what can be set' },
      JSON_OPTION,
    ],
    operands: 'all',
    second: LIMIT_KEYS.map((key) => `${key}=`),
    manySecond: true,
  },
  plan: { options: [{ long: 'json', text: 'all operations with all fields' }], operands: 'all' },
  start: hot('start', 'all', { many: true }),
  stop: hot('stop', 'running', { many: true }),
  shutdown: hot('shutdown', 'running', { many: true }),
  destroy: hot('destroy', 'running', { many: true }),
  suspend: hot('suspend', 'running', { many: true }),
  resume: hot('resume', 'running', { many: true }),
  wait: hot('wait', 'running'),
  run: {
    options: HOT_VERBS.run.map((option) => {
      const values = RUN_VALUES[option.long];
      return values === undefined ? option : { ...option, values };
    }),
    operands: [],
    commandFollows: true,
  },
  enter: hot('enter', 'running', { commandFollows: true }),
  console: hot('console', 'running'),
  cp: hot('cp', 'files', { second: 'files' }),
  logs: {
    options: [
      { short: 'f', long: 'follow', text: 'go on until it ends' },
      { long: 'raw', text: 'the bytes as they came, escape sequences included' },
      { long: 'devname', value: '<console>', text: "which one: 'console0', 'console1', …" },
    ],
    operands: 'all',
  },
  list: {
    options: [
      { short: 'a', long: 'all', text: 'also those that do not run' },
      { short: 'f', long: 'fancy', text: 'with set-up, addresses and what each uses' },
      { short: 'F', long: 'columns', value: '<columns>', text: "which columns --fancy has, as in 'name,ipv4,up'" },
      JSON_OPTION,
    ],
  },
  info: { options: [JSON_OPTION], operands: 'all' },
  stats: {
    options: [
      { long: 'json', text: 'as JSON, one object a line' },
      {
        short: 'i',
        long: 'interval',
        value: '<seconds>',
        text: 'again and again, with what is used in a second in between',
      },
      { short: 'n', long: 'count', value: '<n>', text: 'so many times (default: until ^C)' },
    ],
    operands: 'running',
    many: true,
  },
  top: {
    options: [
      { short: 'd', long: 'interval', value: '<seconds>', text: 'look so often' },
      { short: 's', long: 'sort', value: '<column>', text: 'sort by it', values: SORT_KEYS },
      { short: 'r', long: 'reverse', text: 'the other way round' },
      {
        short: 'n',
        long: 'count',
        value: '<n>',
        text: 'so many looks, then end (default: until q; without a terminal: one)',
      },
    ],
    operands: 'running',
    many: true,
  },
  events: hot('events', 'all', { many: true }),
  net: {
    options: [],
    operands: ['define', 'create', 'undefine', 'edit', 'autostart', 'start', 'stop', 'list', 'info', 'dumpxml'],
  },
  check: { options: [JSON_OPTION] },
  gc: { options: [] },
  completion: { options: [], operands: SHELLS },
};
