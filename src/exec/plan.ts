/**
 * The plan: every operation a start consists of, in order. This table is the single source: `encode.ts` writes it,
 * `native/plan_ops.h` is generated from it, `format-plan.ts` prints it.
 *
 * Targets of the mount phase are paths inside the new root; the helper resolves them beneath the root's fd with openat2
 * (RESOLVE_IN_ROOT, no magic links). Ids are ids as the host sees them.
 */

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

/** CLONE_* flags of `clone`, `<linux/sched.h>`. */
export const CLONE = {
  NEWCGROUP: 0x02000000,
  NEWUTS: 0x04000000,
  NEWIPC: 0x08000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

/** MS_* flags of `mount` and `bind`, `<linux/mount.h>`. */
export const MS = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8, REC: 16384 } as const;

/** Bits of the `options` fields. */
export const OPTION = {
  /** root, bind: an id-mapped mount by the container's id maps. */
  IDMAPPED: 1,
  /** bind: the source is a path inside the new root. */
  INSIDE: 2,
  /** bind, read-only, mask, detach: a missing source or target is skipped. */
  OPTIONAL: 4,
  /** mount, bind: no component of the target may be a symbolic link. */
  NO_SYMLINKS: 8,
  /** exec: the console becomes init's controlling terminal. */
  CONTROLLING_TTY: 16,
  /** root: read-only once everything is mounted. */
  READ_ONLY: 32,
  /** cgroup-dir, bridge: shared with other containers; removed only when nobody uses it. */
  SHARED: 64,
  /** seccomp: it allows all that init has yet to do once its user namespace is there, so it is loaded while the root is built. */
  EARLY: 128,
} as const;

export const OPS = {
  /** The container's name, for messages. First operation of every plan. */
  name: { code: 1, phase: 'meta', fields: { name: 'str' } },
  /** Namespaces init gets besides its mount namespace (CLONE). */
  clone: { code: 2, phase: 'meta', fields: { flags: 'u64' } },
  /** One line of uid_map (`kind` 'uid') or gid_map ('gid'). */
  idmap: { code: 3, phase: 'meta', fields: { kind: 'str', inside: 'u64', outside: 'u64', count: 'u64' } },
  /** Where the console logs go, the size limit of each with its rotated copy, and what a reboot(2) inside does: 'restart' or 'stop'. */
  monitor: { code: 4, phase: 'meta', fields: { logDir: 'str', logLimit: 'u64', onReboot: 'str' } },
  /** The number of the signal that asks init to end, where the definition names one; without it `stop` chooses by what init is. */
  'stop-signal': { code: 5, phase: 'meta', fields: { signal: 'u64' } },

  /** mkdir of one cgroup directory (absolute path; its parent exists). Removed at the end. options: SHARED. */
  'cgroup-dir': { code: 16, phase: 'host', fields: { path: 'str', options: 'u64' } },
  /** Write `value` to the absolute path of a cgroup file. */
  'cgroup-write': { code: 17, phase: 'host', fields: { path: 'str', value: 'str' } },
  /** v1 cpuset: copy cpuset.cpus and cpuset.mems of the parent group where this group's are empty. */
  'cgroup-cpuset': { code: 18, phase: 'host', fields: { path: 'str' } },
  /** Attach a BPF_PROG_TYPE_CGROUP_DEVICE program (array of struct bpf_insn) to a v2 group. */
  'cgroup-devices': { code: 19, phase: 'host', fields: { path: 'str', program: 'bytes' } },
  /** init joins this group; version 1 or 2. For v2 by CLONE_INTO_CGROUP, for v1 by init writing 0 to `tasks`. */
  'cgroup-join': { code: 20, phase: 'host', fields: { path: 'str', version: 'u64' } },
  /** Make the bridge when missing (fixed MAC of 6 bytes, STP and multicast snooping off), bring it up. Removed with its last port when SHARED and ctr made it. */
  bridge: { code: 21, phase: 'host', fields: { name: 'str', mac: 'bytes', options: 'u64' } },

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

  /** The root: a recursive bind of `source`. options: IDMAPPED, READ_ONLY. First operation of its phase. */
  root: { code: 48, phase: 'mount', fields: { source: 'str', options: 'u64' } },
  /** Detach whatever is mounted at `path` of the new root, and below it (host-root containers). options: OPTIONAL. */
  detach: { code: 49, phase: 'mount', fields: { path: 'str', options: 'u64' } },
  /** mount(2) of a file system (proc, sysfs, tmpfs, devpts, …); a missing target directory is made. flags: MS. options: NO_SYMLINKS. proc is of init's pid namespace, sysfs of its network namespace. */
  mount: {
    code: 50,
    phase: 'mount',
    fields: { fstype: 'str', source: 'str', target: 'str', flags: 'u64', data: 'str', options: 'u64' },
  },
  /** Bind `source` on `target`, made (directory or empty file) when missing. flags: MS. options: IDMAPPED, INSIDE, OPTIONAL, NO_SYMLINKS. */
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
  /** pivot_root into the new root; the old one is gone after it. Last of its phase. */
  pivot: { code: 58, phase: 'mount', fields: {} },

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
