/** What a plan depends on besides the spec. Read by `read-host-facts.ts`; tests write their own. */

export interface CgroupLayout {
  /** v1 controllers (`memory`, `pids`, `name=systemd`, …) with the mount point of their hierarchy; co-mounted ones share it. */
  readonly v1: Readonly<Record<string, string>>;
  /** The cgroup v2 tree, when one is mounted. */
  readonly v2?: {
    readonly mountpoint: string;
    /** The group below which ctr works, relative to the mount point ('' is the top). */
    readonly base: string;
    /** cgroup.controllers there. */
    readonly controllers: readonly string[];
    /** Each group has cgroup.freeze (Linux 5.2). */
    readonly freezes: boolean;
    /** systemd is PID 1: the unit that is at `base`, and is made where it is not there. docs/adr/0012 */
    readonly unit?: { readonly slice: string; readonly name: string };
    /** False: programs for devices cannot be attached (an ordinary user). */
    readonly takesPrograms?: false;
  };
}

/** Who is not root: ids of the host that are his. */
export interface OrdinaryUser {
  readonly uid: number;
  readonly gid: number;
  /** Of /etc/subuid and /etc/subgid, in order; empty when he has none. */
  readonly subordinate: {
    readonly uid: readonly HostIdRange[];
    readonly gid: readonly HostIdRange[];
  };
}

/** Ids on the host that somebody owns. */
export interface HostIdRange {
  readonly outside: number;
  readonly count: number;
}

/** What gives a network namespace a way out without rights on the host. */
export interface UserNetworkProgram {
  readonly kind: 'pasta' | 'slirp4netns';
  readonly path: string;
}

export interface HostFacts {
  /** Absent: root. */
  readonly user?: OrdinaryUser | undefined;
  readonly kernelRelease: string;
  /** Machine as in uname(2): `x86_64`, `aarch64`. */
  readonly arch: string;
  /** /proc/sys/kernel/cap_last_cap. */
  readonly lastCapability: number;
  readonly cgroups: CgroupLayout;
  /** What the groups of this run directory's containers begin with: `ctr`, or `ctr-HASH` for another run directory. */
  readonly cgroupPrefix: string;
  /** $CTR_STATE_DIR/containers/NAME, where console logs go. */
  readonly containerStateDir: string;
  /** Size limit of a console's log that this host's settings ask for. */
  readonly consoleLogLimitBytes?: number | undefined;
  /** CPUs and memory nodes that are online, as lists of cpuset(7); undefined: nobody knows. */
  readonly cpus?: string | undefined;
  readonly memoryNodes?: string | undefined;
  /** File systems mounted on the host that the mount table asks about. */
  readonly securityfs: boolean;
  /** The host's machine id, machine-id(5); undefined when it has none. */
  readonly machineId?: string | undefined;
  /** Where lxcfs is mounted, when one runs and the container is to see by it. */
  readonly views?: string | undefined;
  /** Whether seccomp BPF works here (PR_GET_SECCOMP). */
  readonly seccomp: boolean;
  /** The program that connects containers of an ordinary user; absent: none is installed, or it is root. */
  readonly userNetwork?: UserNetworkProgram | undefined;
  /** Security modules of this kernel that label processes; absent: none. */
  readonly securityModules?: readonly ('apparmor' | 'selinux')[];
}
