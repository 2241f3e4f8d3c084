/** Places and values of the model in words, for messages. Pure. */
import { quote } from './display-text.js';

/** Parts that are only drawers: what is in them is named alone. */
const DRAWERS: ReadonlySet<string> = new Set([
  'capabilities',
  'features',
  'lifecycle',
  'process',
  'security',
  'hostFiles',
  'devices',
  'namespaces',
]);

/** Where the name of a field, split into words, does not say what it is. By the path with `*` for entries of lists. */
const WORDS: Readonly<Record<string, string>> = {
  uuid: 'uuid',
  pids: 'limit of processes',
  'pids.max': 'limit of processes',
  idmap: 'id map',
  'idmap.uid': 'uid range',
  'idmap.gid': 'gid range',
  idRange: 'range of host ids that is chosen',
  'memory.limitBytes': 'limit of memory',
  'memory.softLimitBytes': 'soft limit of memory',
  'memory.swapHardLimitBytes': 'limit of memory and swap',
  'cpu.count': 'number of cpus',
  'cpu.cpuset': 'list of cpus',
  'features.privnet': 'network namespace of its own',
  'features.capabilities.bounding': 'capability',
  'features.capabilities.ambient': 'ambient capability',
  'features.capabilities.effective': 'effective capability',
  'features.capabilities.permitted': 'permitted capability',
  'features.capabilities.inheritable': 'inheritable capability',
  'kernelMounts.proc': 'kind of /proc',
  'kernelMounts.hidePid': 'hidepid of /proc',
  'kernelMounts.procSubset': 'subset of /proc',
  'kernelMounts.sys': 'kind of /sys',
  'kernelMounts.cgroup': 'kind of /sys/fs/cgroup',
  'kernelMounts.dev': 'kind of /dev',
  'kernelMounts.devSizeBytes': 'size of /dev',
  'kernelMounts.views': 'view of its limits in /proc',
  refusals: 'refused wish',
  rootMode: 'mode of the root',
  'init.env': 'environment variable',
  'init.args': 'argument',
  'init.argv0': 'argv[0] of init',
  'init.fallbacks': 'other init',
  'init.dir': 'working directory of init',
  'init.cmdline': 'command line of init',
  'init.supplementaryGids': 'supplementary group',
  'init.groupsOfUser': 'groups of the user of init',
  'init.reaper': 'init of ctr before the init',
  'namespaces.net': 'network namespace',
  'namespaces.ipc': 'ipc namespace',
  'namespaces.uts': 'uts namespace',
  'namespaces.pid': 'pid namespace',
  'namespaces.user': 'user namespace',
  'namespaces.cgroup': 'cgroup namespace',
  'namespaces.mnt': 'mount namespace',
  'namespaces.time': 'time namespace',
  filesystems: 'filesystem',
  'filesystems.*.optional': 'optional mark',
  'filesystems.*.recursive': 'recursion',
  'filesystems.*.flags': 'flag',
  'filesystems.*.lowers': 'lower layer',
  'filesystems.*.fstype': 'type',
  interfaces: 'interface',
  consoles: 'console',
  hooks: 'hook',
  ports: 'port',
  annotations: 'annotation',
  cgroupFiles: 'cgroup file',
  'process.rlimits': 'resource limit',
  'process.sysctls': 'sysctl',
  'process.procFiles': 'proc file',
  'process.terminal': 'terminal of the payload',
  'process.suppressSync': 'suppression of sync calls',
  'process.cpuAffinity': 'CPU affinity',
  'hostFiles.resolvConf': 'resolv.conf',
  'hostFiles.linkJournal': 'link of the journal',
  'process.oomScoreAdj': 'OOM score adjustment',
  'devices.nodes': 'device',
  'devices.rules': 'device rule',
  'blkio.devices': 'block device',
  'security.seccomp': 'seccomp filter',
  'security.masks': 'masking of /proc and /sys',
  'security.maskedPaths': 'masked path',
  'security.readonlyPaths': 'read-only path',
  'security.noNewPrivs': 'no-new-privileges flag',
  'security.hostRoot': 'leave to map id 0 of the host',
  'security.labels': 'security label',
  'security.labels.*.optional': 'optional mark',
  'interfaces.*.ips': 'address',
  'interfaces.*.routes': 'route',
  'interfaces.*.hostIps': 'host address',
  'interfaces.*.hostRoutes': 'host route',
  'interfaces.*.mac': 'MAC address',
  'interfaces.*.mtu': 'MTU',
};

/**
 * A place of the model: `size of filesystem '/tmp'`, `soft limit of memory`, `interface 2`.
 *
 * @param path field names; an entry of a list is what tells it apart, or `#` and its number from 1
 */
export function describePlace(path: readonly string[]): string {
  return describe(path, []);
}

/** Entries of one list: `arguments 2, 3 of init`. @param entries what tells them apart, as in `describePlace` */
export function describePlaces(list: readonly string[], entries: readonly string[]): string {
  const [first = '', ...others] = entries;
  return describe([...list, first], others);
}

function nameEntry(entry: string): string {
  return entry.startsWith('#') ? entry.slice(1) : quote(entry);
}

/** @param others more entries of the list that the path ends in */
function describe(path: readonly string[], others: readonly string[]): string {
  const nouns: string[] = [];
  let pattern = '';
  for (let at = 0; at < path.length; at += 1) {
    const field = path[at] ?? '';
    pattern = pattern === '' ? field : `${pattern}.${field}`;
    const entry = isListPlace(pattern) ? path[at + 1] : undefined;
    const word = WORDS[pattern] ?? splitWords(field);
    if (entry !== undefined) {
      const isLast = at + 2 === path.length && others.length > 0;
      const names = [entry, ...(isLast ? others : [])].map((name) => nameEntry(name)).join(', ');
      nouns.push(`${isLast ? pluralOf(word) : word} ${names}`);
      pattern += '.*';
      at += 1;
    } else if (WORDS[pattern] !== undefined && at > 0) {
      // Complete by itself, except within an entry.
      if (!pattern.includes('*')) nouns.length = 0;
      nouns.push(word);
    } else if (!DRAWERS.has(field) || at === path.length - 1) {
      nouns.push(word);
    }
  }
  return nouns.reverse().join(' of ');
}

/** Of the words above. */
function pluralOf(word: string): string {
  if (/(?:s|x|sh|ch)$/.test(word)) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}

const LISTS: ReadonlySet<string> = new Set(
  (
    'idmap.uid idmap.gid features.capabilities.bounding features.capabilities.ambient features.capabilities.effective ' +
    'features.capabilities.permitted features.capabilities.inheritable init.env init.args init.fallbacks ' +
    'init.supplementaryGids filesystems interfaces consoles hooks ports annotations cgroupFiles process.rlimits ' +
    'process.sysctls process.procFiles devices.nodes devices.rules blkio.devices security.maskedPaths ' +
    'security.readonlyPaths security.labels interfaces.*.ips interfaces.*.routes interfaces.*.hostIps ' +
    'interfaces.*.hostRoutes refusals filesystems.*.flags filesystems.*.lowers hooks.*.args hooks.*.env autostart.groups'
  ).split(' '),
);

function isListPlace(pattern: string): boolean {
  return LISTS.has(pattern);
}

/** `softLimitBytes`: soft limit. */
function splitWords(field: string): string {
  const words = field.replace(/(?:Bytes|Us|Seconds)$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words === '' ? field : words;
}

/** Parts of a value beyond these are left out. */
const MAX_PARTS = 4;

/** A value, short; '' for what needs none. */
export function describeValue(value: unknown, path: readonly string[]): string {
  if (value === undefined || value === true) return '';
  if (value === false) return 'no';
  if (typeof value === 'string') return quote(value);
  const unit = path.at(-1)?.endsWith('Bytes') ? ' bytes' : '';
  if (typeof value === 'number') return isMode(path) ? `0${value.toString(8)}` : `${value}${unit}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return quote(inWords(value));
  const parts = partsOf(value, path);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return describeValue(only[1], [only[0]]);
  const shown = parts.slice(0, MAX_PARTS).map(([name, part]) => {
    const text = describeValue(typeof part === 'object' ? inWords(part) : part, [name]);
    return text === '' ? splitWords(name) : `${splitWords(name)} ${text}`;
  });
  return shown.join(', ') + (parts.length > MAX_PARTS ? ', …' : '');
}

/** A list of words without brackets, anything else as JSON. */
function inWords(value: unknown): string {
  const isWords = Array.isArray(value) && value.every((word) => typeof word === 'string');
  return isWords ? value.join(' ') : JSON.stringify(value);
}

/** Permissions are octal wherever people write them. */
function isMode(path: readonly string[]): boolean {
  return path.at(-1) === 'mode' || path.at(-1) === 'umask';
}

/** What an entry says besides what tells it from others, which is in its place already. */
function partsOf(value: object, path: readonly string[]): [string, unknown][] {
  const key = path.at(-1) ?? '';
  return Object.entries(value).filter(([, part]) => {
    if (part === undefined || part === false || (Array.isArray(part) && part.length === 0)) return false;
    return key.startsWith('#') || typeof part === 'object' || !` ${key} `.includes(` ${part} `);
  });
}
