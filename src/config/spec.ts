/**
 * The one typed model of a container. Every configuration format is parsed into it and printed from it.
 * Sizes are bytes, times are as named, ids are numbers. Paths are absolute.
 */

export type ConfigFormat = 'libvirt';

export interface ContainerSpec {
  readonly format: ConfigFormat;
  readonly name: string;
  /** Lower-case with dashes; undefined when the text has none (define then gives one). */
  readonly uuid?: string;
  readonly title?: string;
  readonly description?: string;
  readonly memory: MemorySpec;
  readonly cpu: CpuSpec;
  readonly blkio?: BlkioSpec;
  readonly pids?: { readonly max: number };
  /** cgroup path the container's group is asked to live below (libvirt `resource/partition`). */
  readonly partition?: string;
  readonly arch?: string;
  readonly init: InitSpec;
  /** Absent: no user namespace. */
  readonly idmap?: IdMapSpec;
  readonly features: FeaturesSpec;
  readonly filesystems: readonly FilesystemSpec[];
  readonly interfaces: readonly InterfaceSpec[];
  /** At least one for a start. */
  readonly consoles: readonly ConsoleSpec[];
  readonly lifecycle: LifecycleSpec;
  readonly security: SecuritySpec;
}

export interface MemorySpec {
  /** libvirt `<memory>`: the limit at start unless `hardLimitBytes` overrides it. */
  readonly totalBytes: number;
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
}

export interface InitSpec {
  readonly path: string;
  /** argv[1..]; argv[0] is `path`. */
  readonly args: readonly string[];
  /** In order; a later entry of one name replaces an earlier one and the built-in ones. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly dir?: string;
  /** Name or number as written; resolved inside the root by the helper. */
  readonly user?: string;
  readonly group?: string;
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

export interface FeaturesSpec {
  /** A network namespace of its own even without interfaces. */
  readonly privnet: boolean;
  readonly capabilities: CapabilitiesSpec;
}

export interface CapabilitiesSpec {
  readonly policy: 'default' | 'allow' | 'deny';
  /** Lower-case kernel names without `cap_`. */
  readonly states: readonly { readonly name: string; readonly state: 'on' | 'off' }[];
}

export type FilesystemSpec =
  | {
      readonly type: 'mount';
      /** Host path. */
      readonly source: string;
      readonly target: string;
      readonly readonly: boolean;
      /** `mapped`: an id-mapped mount by the container's id map: ids on disk are those inside. */
      readonly accessMode: 'passthrough' | 'mapped';
    }
  | {
      readonly type: 'bind';
      /** Path inside the container. */
      readonly source: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  | { readonly type: 'ram'; readonly target: string; readonly sizeBytes: number; readonly readonly: boolean };

export interface IpSpec {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  /** Always filled in (libvirt's default when the text has none). */
  readonly prefix: number;
  readonly peer?: string;
}

export interface RouteSpec {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly metric?: number;
}

export interface InterfaceSpec {
  readonly type: 'network' | 'bridge' | 'ethernet';
  /** Network name, or bridge name; undefined for ethernet. */
  readonly source?: string;
  /** `52:54:00:…`; undefined: derived from uuid and index. */
  readonly mac?: string;
  /** Name inside; undefined: `ethN`, N counting the interfaces without a name. */
  readonly guestName?: string;
  /** Name of the host end; undefined: derived. */
  readonly targetName?: string;
  readonly linkState?: 'up' | 'down';
  readonly ips: readonly IpSpec[];
  readonly routes: readonly RouteSpec[];
  /** Host side, `ethernet` only. */
  readonly hostIps: readonly IpSpec[];
  readonly hostRoutes: readonly RouteSpec[];
}

export interface ConsoleSpec {
  readonly type: 'pty';
}

export type LifecycleAction = 'destroy' | 'restart' | 'preserve' | 'rename-restart';

export interface LifecycleSpec {
  readonly onPoweroff: LifecycleAction;
  readonly onReboot: LifecycleAction;
  readonly onCrash: LifecycleAction | 'coredump-destroy' | 'coredump-restart';
  /** Signal name without SIG, e.g. `USR2`, `RTMIN+3`. */
  readonly stopSignal?: string;
}

/** What libvirt's XML has no word for: `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>`. */
export interface SecuritySpec {
  /** `os` and `app` are profiles of `src/security/`; `none` is the opt-out by name. */
  readonly seccomp: 'os' | 'none';
  /** Hide sensitive files of /proc and /sys. */
  readonly masks: boolean;
  /** The container may mount a fresh procfs itself: no masks below /proc, /proc/sys stays writable where namespaced. */
  readonly nesting: boolean;
}
