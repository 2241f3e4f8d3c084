/** How the first process is set up, and who is told about it. */

export interface ProcessSpec {
  readonly rlimits?: readonly RlimitSpec[];
  /** -1000 to 1000, as /proc/PID/oom_score_adj. */
  readonly oomScoreAdj?: number;
  /** Linux CPU list for sched_setaffinity(2). */
  readonly cpuAffinity?: string;
  /** -20 to 19. */
  readonly nice?: number;
  /** Octal in texts. */
  readonly umask?: number;
  /** Written below /proc/sys before init runs: `net.ipv4.ip_forward`. Only what belongs to the container's own namespaces. */
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  /** Written below /proc/PID of init: `oom_score_adj`. */
  readonly procFiles?: readonly { readonly file: string; readonly value: string }[];
  /** Sync calls succeed and do nothing. */
  readonly suppressSync?: boolean;
  /** Terminal of the payload; absent: yes. */
  readonly terminal?: boolean;
  /** Offsets of CLOCK_MONOTONIC and CLOCK_BOOTTIME in a time namespace, in nanoseconds as text. */
  readonly timeOffsets?: { readonly monotonicNs?: string; readonly boottimeNs?: string };
}

export interface RlimitSpec {
  /** Lower-case, without RLIMIT_: `nofile`. */
  readonly name: string;
  readonly soft: number | 'infinity';
  readonly hard: number | 'infinity';
}

/** A program that runs at a point of a container's life. */
export interface HookSpec {
  readonly when: HookPoint;
  readonly path: string;
  /** Absent: the path. */
  readonly argv0?: string;
  /** argv[1..], before what the convention adds. LXC's hooks are command lines for a shell: path `/bin/sh`, args `-c`, the line. */
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly timeoutSeconds?: number;
  /** What it is told: LXC's arguments (`lxc.hook.version` 0), LXC's environment (1), or OCI's state on stdin. */
  readonly convention: 'lxc' | 'lxc1' | 'oci';
}

/**
 * In the order of a life. On the host: `pre-start`, `start-host`, `poststart`, `stop`, `post-stop`, `clone`, `destroy`; in the container's mount
 * namespace before the pivot: `pre-mount`, `mount`, `autodev`, `create-container`; inside: `start`.
 */
export type HookPoint =
  | 'pre-start'
  | 'pre-mount'
  | 'mount'
  | 'autodev'
  | 'create-container'
  | 'start-host'
  | 'start'
  | 'poststart'
  | 'stop'
  | 'post-stop'
  | 'clone'
  | 'destroy';
