/** Bits of the plan's fields. */

/** CLONE_* flags of `clone`, `<linux/sched.h>`. */
export const CLONE = {
  NEWCGROUP: 0x02000000,
  NEWUTS: 0x04000000,
  NEWIPC: 0x08000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

/** MS_* flags of the operations that mount, `<linux/mount.h>`. */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  SYNCHRONOUS: 16,
  REMOUNT: 32,
  DIRSYNC: 128,
  NOSYMFOLLOW: 256,
  NOATIME: 1024,
  NODIRATIME: 2048,
  BIND: 4096,
  REC: 16384,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  /** bind: what the host mounts below the source later is seen inside. */
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
} as const;

/** Bits of the `options` fields. */
export const OPTION = {
  /** root, bind: an id-mapped mount by the container's id maps. */
  IDMAPPED: 1,
  /** bind: the source is a path inside the new root. */
  INSIDE: 2,
  /** bind, read-only, mask, inaccessible, detach: a missing source or target is skipped. */
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
  /** What mounts, makes or removes something: any failure of it is none, and leaves nothing. */
  IF_POSSIBLE: 1 << 16,
  /** The same: done only when the operation before it, or what that stands in for, was not. */
  ELSE: 1 << 17,
  /** mount-device, root-device, device: the source is a file, which a loop device shows. */
  LOOP: 1 << 18,
  /** What mounts a source: id-mapped so that root inside is id 0 on disk, and nobody else is mapped. */
  MAP_ROOT: 1 << 19,
  /** As MAP_ROOT, but root inside is the owner of the source. */
  MAP_OWNER: 1 << 20,
  /** As MAP_OWNER, but it is the owner of the target who is the owner of the source. */
  MAP_TARGET: 1 << 23,
  /** overlay: what is written begins with the looks (owner and permissions) that its options say, not those of the uppermost layer. */
  LOOKS: 1 << 24,
  /** cgroup-dir: of a partition, which may be the administrator's: removed only where a start has made it, when it is empty. With SHARED. */
  PARTITION: 1 << 28,
  /** copy-file: a symbolic link in its place is replaced too. */
  REPLACE: 1 << 21,
  /** root: what the host mounts in the tree later is seen inside. */
  RECEIVE: 1 << 22,
  /** root: read-only from the start, without setuid programs and devices, and so is all that is mounted in it: nothing can be made there. */
  SEALED: 1 << 25,
  /** bind: as MAP_OWNER, but instead of root inside the user of init. */
  MAP_USER: 1 << 26,
  /** bind: the target is there; nothing is made for it. */
  EXISTING: 1 << 27,
  /** copy-file, bind of a resolv.conf: one that names only servers of the host's own loopback is no source. */
  REACHABLE: 1 << 29,
  /** write-file: in memory, bound over what is there: nothing is written to the root. */
  BOUND: 1 << 30,
} as const;
