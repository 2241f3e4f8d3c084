/**
 * The one typed model of a container. Every configuration format is parsed into it and printed from it.
 * Sizes are bytes, times are as named, ids are numbers. Paths are absolute.
 *
 * What is optional and absent is ctr's own way. A format whose own default differs says so: its reader fills the part in.
 */
import type { DevicesSpec } from './spec-devices.js';
import type { FilesystemSpec, KernelMountsSpec } from './spec-filesystems.js';
import type { InterfaceSpec, PortSpec } from './spec-network.js';
import type { HookSpec, ProcessSpec } from './spec-process.js';
import type { SecuritySpec } from './spec-security.js';

export type * from './spec-devices.js';
export type * from './spec-filesystems.js';
export type * from './spec-network.js';
export type * from './spec-networks.js';
export type * from './spec-process.js';
export type * from './spec-security.js';

export type ConfigFormat = 'libvirt' | 'nspawn' | 'lxc' | 'oci';

export interface ContainerSpec {
  readonly format: ConfigFormat;
  readonly name: string;
  /** Lower-case with dashes; undefined when the text has none (define then gives one). */
  readonly uuid?: string;
  readonly title?: string;
  readonly description?: string;
  /** Host name inside, as it is set; absent: made of the name. '' leaves the host's. */
  readonly hostname?: string;
  /** NIS domain name. */
  readonly domainname?: string;
  readonly memory: MemorySpec;
  readonly cpu: CpuSpec;
  readonly blkio?: BlkioSpec;
  readonly numa?: NumaSpec;
  readonly pids?: { readonly max: number };
  /** Values for files of the container's cgroup, written after all limits, in order. */
  readonly cgroupFiles?: readonly CgroupFileSpec[];
  /** cgroup path the container's group is asked to live below (libvirt `resource/partition`). */
  readonly partition?: string;
  readonly arch?: string;
  readonly init: InitSpec;
  /** Absent: no user namespace. */
  readonly idmap?: IdMapSpec;
  /** A user namespace whose ids `define` chooses and keeps. Never together with `idmap`, which `define` fills in from it. */
  readonly idRange?: IdRangeRequest;
  /** Of namespaces that are not as ctr makes them. */
  readonly namespaces?: NamespacesSpec;
  readonly features: FeaturesSpec;
  /** In the order of mounting. */
  readonly filesystems: readonly FilesystemSpec[];
  /** What becomes of changes to the root. Absent: they stay. */
  readonly rootMode?: RootMode;
  readonly kernelMounts?: KernelMountsSpec;
  readonly devices?: DevicesSpec;
  readonly interfaces: readonly InterfaceSpec[];
  readonly ports?: readonly PortSpec[];
  /** At least one for a start. */
  readonly consoles: readonly ConsoleSpec[];
  readonly lifecycle: LifecycleSpec;
  readonly autostart?: AutostartSpec;
  readonly process?: ProcessSpec;
  readonly hooks?: readonly HookSpec[];
  readonly security: SecuritySpec;
  /** What of the host's settings is carried into the root. Absent: nothing. */
  readonly hostFiles?: HostFilesSpec;
  /** Entries that the format's own tool accepts and that have no effect here: printed back in that format. */
  readonly kept?: readonly { readonly format: ConfigFormat; readonly key: string; readonly value: string }[];
  /** Free text for other programs, kept. */
  readonly annotations?: readonly { readonly name: string; readonly value: string }[];
  /**
   * What the text asks for and no start can give (yet): a start refuses, and names these. Each completes "cannot start 'NAME': ",
   * e.g. "interface 1 asks for a virtual port profile".
   */
  readonly refusals?: readonly string[];
}

export interface MemorySpec {
  /** libvirt `<memory>`: the limit at start unless `hardLimitBytes` overrides it. Absent: no limit. */
  readonly totalBytes?: number;
  readonly hardLimitBytes?: number;
  readonly softLimitBytes?: number;
  /** Memory and swap together (libvirt `swap_hard_limit`). */
  readonly swapHardLimitBytes?: number;
}

export interface CpuSpec {
  /** Reported, not enforced (as libvirt does). */
  readonly count: number;
  /** Linux CPU list, as in `cpuset.cpus`. */
  readonly cpuset?: string;
  readonly shares?: number;
  readonly periodUs?: number;
  /** Negative: unlimited. */
  readonly quotaUs?: number;
}

export interface BlkioSpec {
  readonly weight?: number;
  readonly devices?: readonly BlkioDeviceSpec[];
}

/** Limits of one block device; absent or 0: none. */
export interface BlkioDeviceSpec {
  /** Path on the host, e.g. `/dev/sda`, `/dev/block/8:0`. */
  readonly path: string;
  readonly weight?: number;
  readonly readIopsSec?: number;
  readonly writeIopsSec?: number;
  readonly readBytesSec?: number;
  readonly writeBytesSec?: number;
}

export interface NumaSpec {
  readonly mode: 'strict' | 'preferred' | 'interleave' | 'restrictive';
  /** Linux node list, as in `cpuset.mems`. */
  readonly nodeset: string;
}

export interface CgroupFileSpec {
  readonly version: 1 | 2;
  /** Name of the file, e.g. `memory.max`; for version 1 its first word names the controller. */
  readonly file: string;
  readonly value: string;
  /** The file of the other version that takes the same value: it is written instead where that version has the controller. */
  readonly twin?: string;
}

export interface InitSpec {
  readonly path: string;
  /** Tried in order when `path` does not exist. */
  readonly fallbacks?: readonly string[];
  /** Absent: the path that is executed. */
  readonly argv0?: string;
  /** argv[1..]. */
  readonly args: readonly string[];
  /** ctr's own small init is PID 1 and reaps; this one is PID 2. */
  readonly reaper?: boolean;
  /** In order; a later entry of one name replaces an earlier one and the built-in ones. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly dir?: string;
  /** Name or number as written; resolved inside the root by the helper. */
  readonly user?: string;
  readonly group?: string;
  /** Absent: those of the user in the root's /etc/group. */
  readonly supplementaryGids?: readonly number[];
  /** Only exported as LIBVIRT_LXC_CMDLINE. */
  readonly cmdline?: string;
}

export interface IdRange {
  /** First id inside. */
  readonly inside: number;
  /** First id on the host. */
  readonly outside: number;
  readonly count: number;
}

export interface IdMapSpec {
  /** Sorted by `inside`; the first starts at 0; no overlap on either side. */
  readonly uid: readonly IdRange[];
  readonly gid: readonly IdRange[];
}

export interface IdRangeRequest {
  /** `free`: no other container has them; `owner`: those whose first is the owner of the root directory. */
  readonly from: 'free' | 'owner';
  readonly count: number;
}

export type NamespaceKind = 'net' | 'ipc' | 'uts' | 'pid' | 'user' | 'cgroup' | 'mnt' | 'time';

/** Whose namespace: one of its own, the host's, or that of something else. */
export type NamespaceSource =
  | { readonly kind: 'own' | 'host' }
  /** Name of a running container. */
  | { readonly kind: 'container'; readonly name: string }
  | { readonly kind: 'pid'; readonly pid: number }
  /** Name below /run/netns. */
  | { readonly kind: 'netns'; readonly name: string }
  | { readonly kind: 'path'; readonly path: string };

export type NamespacesSpec = { readonly [K in NamespaceKind]?: NamespaceSource };

/**
 * `ephemeral`: a start sees the root as it was, and what it writes is gone afterwards; nothing of it is in memory for long.
 * `overlay`: the same, written to memory. `state`: the root is read-only, /var is an empty tmpfs. `yes`: the root is an empty
 * tmpfs with the tree's /usr, read-only. (systemd-nspawn(1), --volatile=)
 */
export type RootMode = 'ephemeral' | 'overlay' | 'state' | 'yes';

export interface FeaturesSpec {
  /** A network namespace of its own even without interfaces. */
  readonly privnet: boolean;
  readonly capabilities: CapabilitiesSpec;
}

export interface CapabilitiesSpec {
  readonly policy: 'default' | 'allow' | 'deny';
  /** Lower-case kernel names without `cap_`. */
  readonly states: readonly { readonly name: string; readonly state: 'on' | 'off' }[];
  /** Also inheritable and ambient: kept over execve(2) by a user that is not root. */
  readonly ambient?: readonly string[];
  /** Sets that differ from the bounding set, which policy and states give. */
  readonly effective?: readonly string[];
  readonly permitted?: readonly string[];
  readonly inheritable?: readonly string[];
}

export interface ConsoleSpec {
  readonly type: 'pty';
}

export type LifecycleAction = 'destroy' | 'restart' | 'preserve' | 'rename-restart';

export interface LifecycleSpec {
  readonly onPoweroff: LifecycleAction;
  readonly onReboot: LifecycleAction;
  readonly onCrash: LifecycleAction | 'coredump-destroy' | 'coredump-restart';
  /** Signal name without SIG, e.g. `USR2`, `RTMIN+3`: what `stop` sends. */
  readonly stopSignal?: string;
  /** What `reboot` sends. */
  readonly rebootSignal?: string;
  /** What `destroy` sends; absent: KILL. */
  readonly killSignal?: string;
  /** A start waits for `READY=1` on $NOTIFY_SOCKET (sd_notify(3)). */
  readonly notifyReady?: boolean;
}

/** In systemd-nspawn(1)'s words, `auto` included: which it is is decided at the start. */
export interface HostFilesSpec {
  /** `network`: the name servers of its networks, which it is as well when absent; without one nothing is done. */
  readonly resolvConf?:
    | 'off'
    | 'network'
    | 'auto'
    | 'delete'
    | `${'copy' | 'replace' | 'bind'}-${'host' | 'static' | 'uplink' | 'stub'}`;
  readonly timezone?: 'off' | 'auto' | 'copy' | 'bind' | 'symlink' | 'delete';
  readonly linkJournal?: 'no' | 'auto' | 'host' | 'guest' | 'try-host' | 'try-guest';
}

export interface AutostartSpec {
  readonly enabled: boolean;
  readonly delaySeconds?: number;
  /** Lower starts earlier. */
  readonly order?: number;
  readonly groups?: readonly string[];
}
