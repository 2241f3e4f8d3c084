/** SystemCallFilter= changes nspawn's own list of allowed calls. systemd-nspawn(1), --system-call-filter= */
import { isDeepStrictEqual } from 'node:util';
import type { SeccompProfile, SeccompRule } from '../spec.js';
import { KNOWN_SYSCALLS, SYSCALL_SETS } from './syscall-sets.js';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const ALLOWED = words(`
  @aio @basic-io @chown @default @file-system @io-event @ipc @mount @network-io @process @resources @setuid @signal @sync
  @timer brk cachestat capget capset copy_file_range fadvise64 fadvise64_64 flock get_mempolicy getcpu getpriority getrandom
  ioctl ioprio_get kcmp madvise mincore mprotect mremap name_to_handle_at oldolduname olduname personality readahead readdir
  remap_file_pages sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_yield seccomp sendfile sendfile64
  setdomainname setfsgid setfsgid32 setfsuid setfsuid32 sethostname setpgid setsid splice sysinfo tee umask uname userfaultfd
  vmsplice
`);

/** Allowed besides with a capability. */
const BY_CAPABILITY: Readonly<Record<string, readonly string[]>> = {
  bpf: ['bpf'],
  ipc_lock: ['@memlock'],
  sys_boot: ['reboot'],
  sys_module: ['@module'],
  sys_pacct: ['acct'],
  sys_ptrace: ['ptrace', 'process_vm_readv', 'process_vm_writev'],
  sys_rawio: ['@raw-io'],
  sys_time: ['@clock'],
  sys_tty_config: ['vhangup'],
  syslog: ['syslog'],
};

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;

const FAMILY = { index: 0, value: AF_NETLINK };
const PROTOCOL = { index: 2, value: NETLINK_AUDIT };
/** Auditing is not namespaced. Of these rules never more than one is met, so their order does not matter. */
const SOCKET_RULES: readonly SeccompRule[] = [
  { names: ['socket'], action: 'allow', args: [{ ...FAMILY, op: 'ne' }] },
  {
    names: ['socket'],
    action: 'allow',
    args: [
      { ...FAMILY, op: 'eq' },
      { ...PROTOCOL, op: 'ne' },
    ],
  },
  {
    names: ['socket'],
    action: 'errno',
    errno: EAFNOSUPPORT,
    args: [
      { ...FAMILY, op: 'eq' },
      { ...PROTOCOL, op: 'eq' },
    ],
  },
];

/** Everything that a list may hold: `@sets` and names. */
export const SYSCALL_ITEMS: ReadonlySet<string> = new Set([...SYSCALL_SETS.keys(), '@known', ...KNOWN_SYSCALLS]);

/**
 * nspawn's filter, changed by lists of calls and `@sets`. What is denied is denied, whatever else allows it.
 *
 * @param capabilities those of the bounding set
 */
export function makeProfile(
  { allow, deny }: { readonly allow: readonly string[]; readonly deny: readonly string[] },
  capabilities: ReadonlySet<string>,
): SeccompProfile {
  return makeProfileOf(listAllowed({ allow, deny }, capabilities));
}

function makeProfileOf(allowed: ReadonlySet<string>): SeccompProfile {
  const sorted = [...allowed].filter((name) => name !== 'socket').sort();
  const refused = [...KNOWN_SYSCALLS].filter((name) => !allowed.has(name)).sort();
  return {
    defaultAction: 'errno',
    defaultErrno: ENOSYS,
    rules: [
      { names: sorted, action: 'allow' },
      ...(allowed.has('socket') ? SOCKET_RULES : []),
      { names: refused, action: 'errno', errno: EPERM },
    ],
  };
}

function listAllowed(
  { allow, deny }: { readonly allow: readonly string[]; readonly deny: readonly string[] },
  capabilities: ReadonlySet<string>,
): ReadonlySet<string> {
  const conditional = Object.entries(BY_CAPABILITY).filter(([capability]) => capabilities.has(capability));
  const allowed = expand([...ALLOWED, ...conditional.flatMap(([, items]) => items), ...allow]);
  for (const name of expand(deny)) allowed.delete(name);
  return allowed;
}

/** The calls of a list, those of its sets among them. */
function expand(items: readonly string[]): Set<string> {
  const names = new Set<string>();
  const visited = new Set<string>();
  const add = (item: string): void => {
    if (visited.has(item)) return;
    visited.add(item);
    if (!item.startsWith('@')) names.add(item);
    else for (const member of item === '@known' ? KNOWN_SYSCALLS : (SYSCALL_SETS.get(item) ?? [])) add(member);
  };
  for (const item of items) add(item);
  return names;
}

/** The lists that make this profile, or undefined when none do. Single calls, since sets overlap. */
export function listsOfProfile(
  profile: SeccompProfile,
  capabilities: ReadonlySet<string>,
): { readonly allow: readonly string[]; readonly deny: readonly string[] } | undefined {
  const names = new Set(profile.rules.filter(({ action }) => action === 'allow').flatMap((rule) => rule.names));
  if (!isDeepStrictEqual(makeProfileOf(names), profile)) return undefined;
  const before = listAllowed({ allow: [], deny: [] }, capabilities);
  const allow = [...names].filter((name) => !before.has(name)).sort();
  const deny = [...before].filter((name) => !names.has(name)).sort();
  if (!allow.every((name) => KNOWN_SYSCALLS.has(name))) return undefined;
  // A list that changes nothing still asks for nspawn's filter instead of ctr's
  return allow.length + deny.length === 0 ? { allow: ['@default'], deny } : { allow, deny };
}
