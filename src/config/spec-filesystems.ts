/** What is mounted in a container. */

/** Options of mount(2) besides read-only. */
export type MountFlag =
  | 'nosuid'
  | 'nodev'
  | 'noexec'
  | 'noatime'
  | 'nodiratime'
  | 'relatime'
  | 'strictatime'
  | 'sync'
  | 'dirsync'
  | 'nosymfollow';

export type MountPropagation = 'private' | 'rprivate' | 'slave' | 'rslave' | 'shared' | 'rshared' | 'unbindable';

/** What every kind of mount may say. */
export interface MountPart {
  /** Absolute path inside. */
  readonly target: string;
  readonly readonly: boolean;
  /** Exactly these; absent: as the kind of mount says. */
  readonly flags?: readonly MountFlag[];
  readonly propagation?: MountPropagation;
  /** A start goes on without it when it cannot be mounted. */
  readonly optional?: boolean;
  /** What is made when the target is missing; absent: what fits the source. */
  readonly create?: 'dir' | 'file';
}

/**
 * How ids on disk become ids inside. `passthrough`: they are ids of the host. `mapped`: they are ids inside (an id-mapped mount by
 * the container's map). The others map one id on disk and nobody else: `root`: root inside is root on disk. `owner`: root inside is
 * the owner of the source. `target-owner`: who owns the target inside is the owner of the source; of a root the same as `owner`.
 * (systemd-nspawn(1), --bind=: noidmap, idmap, rootidmap is `owner`, owneridmap is `target-owner`)
 */
export type AccessMode = 'passthrough' | 'mapped' | 'root' | 'owner' | 'target-owner';

export type FilesystemSpec =
  /** A bind of a path of the host. Without `flags`: nosuid, nodev, unless it is the root. */
  | (MountPart & {
      readonly type: 'mount';
      readonly source: string;
      readonly accessMode: AccessMode;
      /** With what is mounted below it. The root is always so. */
      readonly recursive?: boolean;
    })
  /** A bind of a path inside the container. */
  | (MountPart & { readonly type: 'bind'; readonly source: string; readonly recursive?: boolean })
  /** A tmpfs. Without `flags`: nosuid, nodev. Without size: the kernel's, half of the memory. */
  | (MountPart & {
      readonly type: 'ram';
      readonly sizeBytes?: number;
      /** Permissions of its root, e.g. 0o1777. */
      readonly mode?: number;
      /** It begins with what the root has at its target, and without `mode` has its looks (OCI's `tmpcopyup`). */
      readonly copyUp?: boolean;
      /** Other options of tmpfs(5), e.g. `nr_inodes=400k,size=10%`. */
      readonly data?: string;
    })
  /** A block device of the host with a file system. Without `fstype`: found by its superblock. */
  | (MountPart & {
      readonly type: 'block';
      readonly source: string;
      readonly fstype?: string;
      readonly data?: string;
      /** Absent: passthrough. */
      readonly accessMode?: AccessMode;
    })
  /** A file of the host with a file system in it. */
  | (MountPart & {
      readonly type: 'file';
      readonly source: string;
      /** Absent: raw. */
      readonly format?: string;
      readonly driver?: 'loop' | 'nbd';
      /** Without it: found by its superblock. */
      readonly fstype?: string;
      readonly data?: string;
      /** Absent: passthrough. */
      readonly accessMode?: AccessMode;
    })
  /** Any file system of the kernel: `mqueue`, `sysfs`, `fuse`, … */
  | (MountPart & {
      readonly type: 'special';
      readonly fstype: string;
      readonly source: string;
      readonly data?: string;
    })
  /**
   * overlayfs. Paths of the host; those that begin with `+` are of the container's root. The first of `lowers` is at the bottom.
   * Without `upper`: a tmpfs.
   */
  | (MountPart & { readonly type: 'overlay'; readonly lowers: readonly string[]; readonly upper?: string })
  /** Hidden by an empty node of the same kind, which nobody may open. */
  | (MountPart & { readonly type: 'inaccessible' })
  /** libvirt's, which its LXC driver cannot mount, either. */
  | (MountPart & { readonly type: 'template' | 'volume'; readonly source: string; readonly volume?: string });

/** What ctr mounts by itself. Absent parts: `guarded`, `readonly`, `readonly`, `own`. */
export interface KernelMountsSpec {
  /** `guarded`: masks, and /proc/sys read-only but for the network's part where that is the container's own. */
  readonly proc?: 'guarded' | 'writable' | 'none';
  /** proc(5): what processes of other users show. Absent: all that the kernel lets. */
  readonly hidePid?: 'noaccess' | 'invisible' | 'ptraceable';
  /** `pid`: /proc has processes alone, nothing of the kernel and no /proc/sys. */
  readonly procSubset?: 'pid';
  /** `mixed`: read-only, but devices/virtual/net writable. */
  readonly sys?: 'readonly' | 'mixed' | 'writable' | 'none';
  /** The container's view of its own cgroups. */
  readonly cgroup?: 'readonly' | 'writable' | 'none';
  /** `own`: a tmpfs with the six nodes, devpts and links; `none`: what the root has there. */
  readonly dev?: 'own' | 'none';
  /** Size of the tmpfs on /dev. */
  readonly devSizeBytes?: number;
  /**
   * Whether /proc/meminfo, cpuinfo and others show the container's limits, by lxcfs. `on`: no start without. Absent: where it has
   * limits and the host has lxcfs.
   */
  readonly views?: 'on' | 'off';
}
