import { entries, list } from '../json/shape-lists.js';
import { object, optional, required } from '../json/shape-objects.js';
import { anyText, integer, oneOf, text } from '../json/shape-values.js';
import { resourcesShape } from './resources-shape.js';
import { seccompShape } from './seccomp-shape.js';
import { anything, id, idMappings, paths, texts, uint32 } from './value-shapes.js';

/** Table of `linux`. */

/** Kinds of namespaces as the specification calls them. */
export const NAMESPACE_TYPES = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const;

const namespace = object('a namespace', {
  type: required('kind', oneOf(Object.keys(NAMESPACE_TYPES) as (keyof typeof NAMESPACE_TYPES)[])),
  path: optional('an existing one; absent: a new one', anyText),
});

const namespaces = list(namespace, (all, say) => {
  all.forEach(({ type }, index) => {
    const first = all.findIndex((other) => other.type === type);
    if (first < index) say.error([index, 'type'], `stands twice: the first is entry ${first}`);
  });
});

/** Largest mode with the bits of the file's type, which some programs write, too. */
const MODE_WITH_TYPE = 0o177777;

const device = object(
  'a device',
  {
    type: required('`c`, `u` (the same) or `b`', oneOf(['c', 'b', 'u', 'p'])),
    path: required('inside, below /dev', anyText),
    major: optional('number', uint32),
    minor: optional('number', uint32),
    fileMode: optional('permissions; absent: 0666', integer(0, MODE_WITH_TYPE)),
    uid: optional('owner inside', id),
    gid: optional('group inside', id),
  },
  ({ type, major, minor }, say) => {
    if (type === 'p') say.error(['type'], "must be 'c' or 'b': a FIFO is not supported yet");
    else if (major === undefined || minor === undefined) say.error([], "needs 'major' and 'minor'");
  },
);

const offset = object('an object', {
  secs: optional('seconds', integer(-(2 ** 33), 2 ** 33)),
  nanosecs: optional('nanoseconds', integer(0, 999_999_999)),
});

/** Names of sysctl(8), with dots or slashes. Neither is a way out of /proc/sys. */
const sysctlName = text('a name like net.ipv4.ip_forward', /^(?!.*(^|[./])\.{0,2}([./]|$))[\w./:-]+$/);

const linkName = text('a name of a link', /^[^\s/:]{1,15}$/);
const netDevices = entries(linkName, object('an object', { name: optional('name inside', linkName) }));

const personality = object('an object', {
  domain: required('`LINUX32`: 32 bits', oneOf(['LINUX', 'LINUX32'])),
  flags: optional('none is defined', texts),
});

export const linuxShape = object('an object', {
  namespaces: optional("what is the container's own; a kind that is not listed is the host's", namespaces),
  uidMappings: optional('users of a new user namespace', idMappings, { needs: 'a user namespace' }),
  gidMappings: optional('groups', idMappings, { needs: 'a user namespace' }),
  timeOffsets: optional(
    'clocks of a new time namespace',
    object('an object', {
      monotonic: optional('CLOCK_MONOTONIC', offset),
      boottime: optional('CLOCK_BOOTTIME', offset),
    }),
    { needs: 'a time namespace' },
  ),
  devices: optional('nodes besides null, zero, full, random, urandom, tty', list(device)),
  netDevices: optional('links of the host that move inside', netDevices, { standing: 'refused' }),
  cgroupsPath: optional(
    "group of the container: its parent is honoured, its last part is the container's name",
    text("a path without '..'", /^(?!(.*\/)?\.\.(\/|$))/),
  ),
  resources: optional('limits', resourcesShape),
  rootfsPropagation: optional(
    'of mounts of the root',
    oneOf(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable']),
  ),
  seccomp: optional("filter of system calls; absent: ctr's own profile", seccompShape),
  sysctl: optional('written below /proc/sys', entries(sysctlName, anyText), {
    needs: 'the namespace that the name belongs to',
  }),
  maskedPaths: optional('hidden inside', paths),
  readonlyPaths: optional('read-only inside', paths),
  mountLabel: optional('a label of SELinux for mounts', anything('text'), { standing: 'refused' }),
  intelRdt: optional('a class of Intel Resource Director Technology', anything('an object'), { standing: 'refused' }),
  memoryPolicy: optional('a policy of set_mempolicy(2)', anything('an object'), { standing: 'refused' }),
  personality: optional('an execution domain of personality(2)', personality, { standing: 'refused' }),
});
