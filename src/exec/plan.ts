/**
 * The plan: every operation a start consists of, in order. This table is the single source: `encode.ts` writes it,
 * `native/plan_ops.h` is generated from it, `format-plan.ts` prints it.
 *
 * Targets of the mount phase are paths inside the new root; the helper resolves them beneath the root's fd with openat2
 * (RESOLVE_IN_ROOT, no magic links). Ids are ids as the host sees them.
 */

import { NETWORK_OPS } from './plan-network-ops.js';

export const PLAN_VERSION = 2;

/** Order of execution. `meta` says what; `host` runs before the clone, `link` after it; `mount` in the outer mount namespace; `init` in the container's init. */
export const PHASES = ['meta', 'host', 'link', 'mount', 'init'] as const;
export type Phase = (typeof PHASES)[number];

export type FieldType = 'str' | 'u64' | 'bytes';

interface OpShape {
  readonly code: number;
  readonly phase: Phase;
  readonly fields: Readonly<Record<string, FieldType>>;
}

export { CLONE, MS, OPTION } from './plan-flags.js';

export const OPS = {
  /** The container's name, for messages. First operation of every plan. */
  name: { code: 1, phase: 'meta', fields: { name: 'str' } },
  /** Namespaces init gets besides its mount namespace (CLONE). */
  clone: { code: 2, phase: 'meta', fields: { flags: 'u64' } },
  /** One line of uid_map (`kind` 'uid') or gid_map ('gid') of an ordinary user's first stage: ids in all other operations are inside of it. docs/adr/0011 */
  'stage-idmap': {
    code: 128,
    phase: 'meta',
    fields: { kind: 'str', inside: 'u64', outside: 'u64', count: 'u64' },
  },
  /** One line of uid_map (`kind` 'uid') or gid_map ('gid'). */
  idmap: { code: 3, phase: 'meta', fields: { kind: 'str', inside: 'u64', outside: 'u64', count: 'u64' } },
  /** Where the console logs go, the size limit of each with its rotated copy, and what a reboot(2) inside does: 'restart' or 'stop'. */
  monitor: { code: 4, phase: 'meta', fields: { logDir: 'str', logLimit: 'u64', onReboot: 'str' } },
  /** The number of the signal that asks init to end, where the definition names one; without it `stop` chooses by what init is. */
  'stop-signal': { code: 5, phase: 'meta', fields: { signal: 'u64' } },

  /** A scope of systemd with Delegate=yes at mountpoint/slice/unit, made where it is not there. It stays when containers end. */
  'cgroup-unit': { code: 152, phase: 'host', fields: { mountpoint: 'str', slice: 'str', unit: 'str' } },
  /** mkdir of one cgroup directory (absolute path; its parent exists). Removed at the end. options: SHARED, PARTITION. */
  'cgroup-dir': { code: 16, phase: 'host', fields: { path: 'str', options: 'u64' } },
  /** Write `value` to the absolute path of a cgroup file. */
  'cgroup-write': { code: 17, phase: 'host', fields: { path: 'str', value: 'str' } },
  /** v1 cpuset: copy cpuset.cpus and cpuset.mems of the parent group where this group's are empty. */
  'cgroup-cpuset': { code: 18, phase: 'host', fields: { path: 'str' } },
  /** Attach a BPF_PROG_TYPE_CGROUP_DEVICE program (array of struct bpf_insn) to a v2 group. A jump by a constant whose source register is 1 (2) compares with the major (minor) number of that `device`. */
  'cgroup-devices': { code: 19, phase: 'host', fields: { path: 'str', program: 'bytes' } },
  /** init joins this group; version 1 or 2. For v2 by CLONE_INTO_CGROUP, for v1 by init writing 0 to `tasks`. */
  'cgroup-join': { code: 20, phase: 'host', fields: { path: 'str', version: 'u64' } },
  /** Make the bridge when missing (fixed MAC of 6 bytes, STP and multicast snooping off), bring it up. Removed with its last port when SHARED and ctr made it. */
  bridge: { code: 21, phase: 'host', fields: { name: 'str', mac: 'bytes', options: 'u64' } },

  /** The numbers of the device node `source` of the host, or of a loop device that shows it (LOOP). kind: 'block' or 'char'. Found before everything else of its phase. options: LOOP, READ_ONLY. */
  device: { code: 86, phase: 'host', fields: { source: 'str', kind: 'str', options: 'u64' } },
  /** v1: allow access (letters of `rwm`) to a `device`, which is known by its place among them, from 0. */
  'cgroup-device': { code: 87, phase: 'host', fields: { path: 'str', device: 'u64', access: 'str' } },
  /** Give a group's directory, and the files in it that make groups and move processes, to an owner. */
  'cgroup-owner': { code: 93, phase: 'host', fields: { path: 'str', version: 'u64', uid: 'u64', gid: 'u64' } },
  /** mkdir on the host, when missing; it stays. options: IF_POSSIBLE. */
  'host-directory': { code: 94, phase: 'host', fields: { path: 'str', mode: 'u64', options: 'u64' } },

  /** A veth pair: `host` end stays (up, in bridge `master` unless ''), the other is made in init's network namespace as `guest` with `mac` (6 bytes). mtu 0: the kernel's. */
  veth: { code: 32, phase: 'link', fields: { host: 'str', guest: 'str', mac: 'bytes', master: 'str', mtu: 'u64' } },
  /** An address on a link in the host's network namespace (4 or 16 bytes; peer empty: none). */
  'host-address': { code: 33, phase: 'link', fields: { link: 'str', address: 'bytes', prefix: 'u64', peer: 'bytes' } },
  /** A route by a link in the host's network namespace. metric 0: the kernel's. */
  'host-route': {
    code: 34,
    phase: 'link',
    fields: { link: 'str', destination: 'bytes', prefix: 'u64', gateway: 'bytes', metric: 'u64' },
  },

  /** The root: a recursive bind of `source`. options: IDMAPPED, MAP_ROOT, MAP_OWNER, MAP_TARGET, READ_ONLY, RECEIVE. First operation of its phase. */
  root: { code: 48, phase: 'mount', fields: { source: 'str', options: 'u64' } },
  /** Detach whatever is mounted at `path` of the new root, and below it (host-root containers). options: OPTIONAL. */
  detach: { code: 49, phase: 'mount', fields: { path: 'str', options: 'u64' } },
  /** mount(2) of a file system (proc, sysfs, tmpfs, devpts, …); a missing target directory is made. flags: MS. options: NO_SYMLINKS, IF_POSSIBLE. proc is of init's pid namespace, sysfs of its network namespace, mqueue of its ipc namespace. */
  mount: {
    code: 50,
    phase: 'mount',
    fields: { fstype: 'str', source: 'str', target: 'str', flags: 'u64', data: 'str', options: 'u64' },
  },
  /** Bind `source` on `target`, made (directory or empty file) when missing. flags: MS. options: IDMAPPED, MAP_ROOT, MAP_OWNER, MAP_TARGET, INSIDE, OPTIONAL, NO_SYMLINKS, IF_POSSIBLE, ELSE. */
  bind: { code: 51, phase: 'mount', fields: { source: 'str', target: 'str', flags: 'u64', options: 'u64' } },
  /** mknod. `mode` with file type bits (S_IFCHR 0o20000, S_IFBLK 0o60000). */
  node: {
    code: 52,
    phase: 'mount',
    fields: { path: 'str', mode: 'u64', major: 'u64', minor: 'u64', uid: 'u64', gid: 'u64' },
  },
  symlink: { code: 53, phase: 'mount', fields: { path: 'str', target: 'str' } },
  /** mkdir, when missing. */
  directory: { code: 54, phase: 'mount', fields: { path: 'str', mode: 'u64', uid: 'u64', gid: 'u64' } },
  /** A pty from the container's devpts (mounted at `devpts`), owned by uid, bound on each of `paths` (separated by a space). Its master goes to the monitor. Consoles are numbered in plan order from 0; console 0 is init's stdio. */
  console: { code: 55, phase: 'mount', fields: { devpts: 'str', paths: 'str', uid: 'u64' } },
  /** Hide a file (by the null device) or a directory (by an empty read-only one). options: OPTIONAL. */
  mask: { code: 56, phase: 'mount', fields: { path: 'str', options: 'u64' } },
  /** Make what is at `path` read-only, with everything below it but `except` ('': nothing), which stays as it is. options: OPTIONAL. */
  'read-only': { code: 57, phase: 'mount', fields: { path: 'str', except: 'str', options: 'u64' } },
  /** A file system of a block device, or of a disk image (LOOP). fstype '': what its superblock says. flags: MS. options: LOOP, IDMAPPED, MAP_ROOT, MAP_OWNER, MAP_TARGET, IF_POSSIBLE. */
  'mount-device': {
    code: 80,
    phase: 'mount',
    fields: { source: 'str', target: 'str', fstype: 'str', flags: 'u64', data: 'str', options: 'u64' },
  },
  /** overlayfs. layers: lower directories, the lowest first, each with a NUL behind it; a path that begins with `+` is one of the new root. upper '': a tmpfs with these options (`data`), or none where they are '' too. With target '/' it is the root, and first of its phase. flags: MS. options: READ_ONLY (root), LOOKS, IF_POSSIBLE. */
  overlay: {
    code: 81,
    phase: 'mount',
    fields: { layers: 'bytes', upper: 'str', target: 'str', flags: 'u64', data: 'str', options: 'u64' },
  },
  /** Hide what is at `path` by an empty node of the same kind without permissions. options: OPTIONAL, NO_SYMLINKS, IF_POSSIBLE. */
  inaccessible: { code: 82, phase: 'mount', fields: { path: 'str', options: 'u64' } },
  /** As `root`, of a block device or a disk image (`mount-device`). options: LOOP, IDMAPPED, MAP_ROOT, MAP_OWNER, MAP_TARGET, READ_ONLY. */
  'root-device': {
    code: 83,
    phase: 'mount',
    fields: { source: 'str', fstype: 'str', flags: 'u64', data: 'str', options: 'u64' },
  },
  /** Behind the root's operation: an overlay takes its place, whose changes go to a tmpfs with these options. */
  'root-overlay': { code: 84, phase: 'mount', fields: { data: 'str' } },
  /** Behind the root's operation: a tmpfs with these options takes its place, with the tree's /usr, read-only, and the links into it. */
  'root-usr': { code: 85, phase: 'mount', fields: { data: 'str' } },
  /** mknod of the numbers of a `device`, which is known by its place among them, from 0. */
  'device-node': {
    code: 88,
    phase: 'mount',
    fields: { device: 'u64', path: 'str', mode: 'u64', uid: 'u64', gid: 'u64' },
  },
  /** As `node` for a path that is not on a file system of ours: the node is made in memory and bound there. device: as in `device-node`, plus 1; 0: of these numbers. */
  'bound-node': {
    code: 89,
    phase: 'mount',
    fields: { path: 'str', mode: 'u64', major: 'u64', minor: 'u64', uid: 'u64', gid: 'u64', device: 'u64' },
  },
  /** A copy of a file of the host of at most 1 MiB, owned by root inside; put in place at once. options: REPLACE, NO_SYMLINKS (the source is none), IF_POSSIBLE, ELSE. */
  'copy-file': { code: 90, phase: 'mount', fields: { source: 'str', path: 'str', mode: 'u64', options: 'u64' } },
  /** The symbolic link that the host has at `source`, when it leads to something in the new root too. options: IF_POSSIBLE, ELSE. */
  'copy-link': { code: 91, phase: 'mount', fields: { source: 'str', path: 'str', options: 'u64' } },
  /** unlink(2); what is missing is no failure. options: IF_POSSIBLE, ELSE. */
  remove: { code: 92, phase: 'mount', fields: { path: 'str', options: 'u64' } },
  /** pivot_root into the new root; the old one is gone after it. Last of its phase. */
  pivot: { code: 58, phase: 'mount', fields: {} },

  /** mount(2) without a source: changes the mount at `path` of the root. flags: MS, of a propagation or with REMOUNT and BIND. */
  remount: { code: 95, phase: 'init', fields: { path: 'str', flags: 'u64' } },
  hostname: { code: 64, phase: 'init', fields: { name: 'str' } },
  loopback: { code: 65, phase: 'init', fields: {} },
  address: { code: 66, phase: 'init', fields: { link: 'str', address: 'bytes', prefix: 'u64', peer: 'bytes' } },
  'link-up': { code: 67, phase: 'init', fields: { link: 'str' } },
  route: { code: 68, phase: 'init', fields: { destination: 'bytes', prefix: 'u64', gateway: 'bytes', metric: 'u64' } },
  /** personality(2), e.g. PER_LINUX32 = 8. */
  personality: { code: 69, phase: 'init', fields: { value: 'u64' } },
  /** Exact capability sets, bit N is capability N. The bounding set is dropped to it. */
  capabilities: {
    code: 70,
    phase: 'init',
    fields: { bounding: 'u64', effective: 'u64', permitted: 'u64', inheritable: 'u64', ambient: 'u64' },
  },
  /** User and group of init, name or number ('' for none), looked up in the root's /etc/passwd and /etc/group. */
  user: { code: 71, phase: 'init', fields: { user: 'str', group: 'str' } },
  cwd: { code: 72, phase: 'init', fields: { path: 'str' } },
  'no-new-privs': { code: 73, phase: 'init', fields: {} },
  /** An array of struct sock_filter. options: EARLY. */
  seccomp: { code: 74, phase: 'init', fields: { program: 'bytes', options: 'u64' } },
  /** One `NAME=value`; names are unique in a plan. */
  env: { code: 75, phase: 'init', fields: { entry: 'str' } },
  /** argv[1..], in order. */
  arg: { code: 76, phase: 'init', fields: { value: 'str' } },
  /** execve(2); argv[0] is `path`. options: CONTROLLING_TTY. Last operation. */
  exec: { code: 77, phase: 'init', fields: { path: 'str', options: 'u64' } },

  // Codes 96 to 127: processes, namespaces and lifecycle, in order of phase again.

  /** init shares this namespace with something that is there already. kind: net, ipc, uts, pid, cgroup, time. from: `container` (source is a name: that of its init, looked up at the start), `pid`, `path`. */
  namespace: { code: 96, phase: 'meta', fields: { kind: 'str', from: 'str', source: 'str' } },
  /** A time namespace. Offsets of CLOCK_MONOTONIC and CLOCK_BOOTTIME as `SECONDS NANOSECONDS`, '' for none. */
  'time-namespace': { code: 97, phase: 'meta', fields: { monotonic: 'str', boottime: 'str' } },
  /** PID 1 is ctr's own small init, and the program of `exec` PID 2. */
  reaper: { code: 98, phase: 'meta', fields: {} },
  /** init's output is a pipe and its stdin the null device. The pipe is console 0, the ptys are numbered after it. */
  'no-terminal': { code: 99, phase: 'meta', fields: {} },
  /** What follows on each kind of end: 'stop', 'restart' or 'preserve'. Without it `monitor` says what a reboot does, and all else is a stop. */
  lifecycle: { code: 100, phase: 'meta', fields: { onPoweroff: 'str', onReboot: 'str', onCrash: 'str' } },
  /** What asks init to begin anew. */
  'reboot-signal': { code: 101, phase: 'meta', fields: { signal: 'u64' } },
  /** What `destroy` sends first, where it is not SIGKILL. */
  'kill-signal': { code: 102, phase: 'meta', fields: { signal: 'u64' } },
  /** A program that runs at a point of the container's life. args (argv[1..]) and env: each entry with a NUL behind it. timeout in ms. */
  hook: {
    code: 103,
    phase: 'meta',
    fields: { when: 'str', convention: 'str', path: 'str', args: 'bytes', env: 'bytes', timeout: 'u64' },
  },
  /** The end of OCI's state for hooks, after `"pid":N`. */
  'hook-state': { code: 104, phase: 'meta', fields: { state: 'str' } },

  /** As cgroup-write, with the numbers of the host's block device `device` in front: `8:0 VALUE`. */
  'cgroup-blkio': { code: 105, phase: 'host', fields: { path: 'str', device: 'str', value: 'str' } },

  /** Write `value` to a file of /proc/PID of init, and of whatever enters. */
  'proc-file': { code: 106, phase: 'link', fields: { file: 'str', value: 'str' } },
  /** Nice value, in decimal. */
  nice: { code: 107, phase: 'link', fields: { value: 'str' } },

  /** A datagram socket at `path`, read by the monitor: a start waits `timeout` ms for READY=1 (sd_notify(3)). */
  notify: { code: 108, phase: 'mount', fields: { path: 'str', timeout: 'u64' } },

  domainname: { code: 109, phase: 'init', fields: { name: 'str' } },
  /** Write `value` to `path` below /proc/sys, as it shows the container's own namespaces. */
  sysctl: { code: 110, phase: 'init', fields: { path: 'str', value: 'str' } },
  /** sched_setaffinity(2). mask: array of unsigned long. */
  affinity: { code: 111, phase: 'init', fields: { mask: 'bytes' } },
  /** set_mempolicy(2). nodes: array of unsigned long. */
  'memory-policy': { code: 112, phase: 'init', fields: { mode: 'u64', nodes: 'bytes' } },
  umask: { code: 113, phase: 'init', fields: { mask: 'u64' } },
  /** setrlimit(2). name is for messages. */
  rlimit: { code: 114, phase: 'init', fields: { name: 'str', resource: 'u64', soft: 'u64', hard: 'u64' } },
  /** Supplementary groups besides the primary one, ids inside, separated by a space; instead of those of the user. */
  groups: { code: 115, phase: 'init', fields: { gids: 'str' } },
  /** HOME, USER and LOGNAME of the user of init, where the plan has no such variable. */
  'user-env': { code: 116, phase: 'init', fields: {} },
  /** Label of what exec makes. model: apparmor, selinux. */
  'exec-label': { code: 117, phase: 'init', fields: { model: 'str', label: 'str' } },
  /** argv[0] where it is not the path that is executed. */
  'arg-zero': { code: 118, phase: 'init', fields: { value: 'str' } },
  /** Tried in order when the path of `exec` does not exist. */
  'exec-fallback': { code: 119, phase: 'init', fields: { path: 'str' } },

  // From 168: networks.
  ...NETWORK_OPS,

  /** A file of root inside, put in place at once, unless that is what is there. unless '': `content` is the whole file. `*`: a file that is there stays. Else `content` is lines, each marked as ours at its end, which stand behind those of the file that are not ours, as long as none of these has that word. options: REPLACE, BOUND, IF_POSSIBLE, ELSE. */
  'write-file': {
    code: 173,
    phase: 'mount',
    fields: { path: 'str', mode: 'u64', content: 'bytes', unless: 'str', options: 'u64' },
  },

  /** A port of the host leads to one of the container: an element of a map of the network's table, and a socket that keeps others from the port until the container's end. protocol: of IP, 6 or 17. host: 4 or 16 zero bytes stand for all addresses. */
  'network-port': {
    code: 181,
    phase: 'link',
    fields: { table: 'str', protocol: 'u64', host: 'bytes', port: 'u64', address: 'bytes', target: 'u64' },
  },
  /** Where `program`, iptables(8) or ip6tables(8), has a filter that drops what is forwarded: rules for the link, marked by `tag`, in DOCKER-USER or FORWARD. kind: `nft` or `legacy`, the tables that `program` shows. Removed with the network. */
  'network-pass': { code: 182, phase: 'link', fields: { program: 'str', kind: 'str', link: 'str', tag: 'str' } },

  // From 140: runs.

  /** Instead of `exec`: the program, its stdin, stdout and stderr, and variables besides those of the plan are said by who runs it. Without a `console` it has the caller's own three. */
  run: { code: 140, phase: 'meta', fields: {} },
  /** The root is a new tmpfs with these options (`data`). First of its phase. options: READ_ONLY. */
  'root-empty': { code: 141, phase: 'mount', fields: { data: 'str', options: 'u64' } },

  // From 148: networks without root.

  /** A program that connects init's network namespace by sockets of its caller's. args (argv[1..]): each with a NUL behind it; `@PID@` is init's pid, `@READY@` a file that it writes to when it is ready, as it may to descriptor 3; descriptor 4 hangs up when it is to end. Ends with the container. */
  'user-network': { code: 148, phase: 'link', fields: { program: 'str', args: 'bytes' } },
} as const satisfies Record<string, OpShape>;

export type OpName = keyof typeof OPS;

type FieldValue<T extends FieldType> = T extends 'str' ? string : T extends 'u64' ? number | bigint : Uint8Array;

/** One operation: its name as `op`, and its fields. */
export type Op = {
  [N in OpName]: { readonly op: N } & {
    readonly [F in keyof (typeof OPS)[N]['fields']]: (typeof OPS)[N]['fields'][F] extends FieldType
      ? FieldValue<(typeof OPS)[N]['fields'][F]>
      : never;
  };
}[OpName];

export type OpOf<N extends OpName> = Extract<Op, { op: N }>;

export interface Plan {
  readonly ops: readonly Op[];
}
