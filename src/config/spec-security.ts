/** What libvirt's XML has no word for: `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>`. */
export interface SecuritySpec {
  /** `os` and `app` are profiles of `src/security/`; `none` is the opt-out by name; else a profile of the configuration's own. */
  readonly seccomp: 'os' | 'app' | 'none' | SeccompProfile;
  /** Hide sensitive files of /proc and /sys. */
  readonly masks: boolean;
  /** Hidden besides, or instead where `masks` is false. Absolute paths inside; what does not exist is left out. */
  readonly maskedPaths?: readonly string[];
  /** Likewise read-only. */
  readonly readonlyPaths?: readonly string[];
  /** The container may mount a fresh procfs itself: no masks below /proc, /proc/sys stays writable where namespaced. */
  readonly nesting: boolean;
  readonly noNewPrivs?: boolean;
  /** The id map means id 0 of the host; a start refuses one that has it without this word. */
  readonly hostRoot?: boolean;
  readonly labels?: readonly SecurityLabelSpec[];
}

/** A label of SELinux or AppArmor. */
export interface SecurityLabelSpec {
  readonly model?: 'selinux' | 'apparmor';
  /** `none`: unlabelled; `static`: this label; `dynamic`: one that the host chooses. */
  readonly type: 'none' | 'static' | 'dynamic';
  readonly label?: string;
  readonly baselabel?: string;
  readonly relabel?: boolean;
  /** A kernel without the module goes without the label. */
  readonly optional?: boolean;
}

/** As `linux.seccomp` of the OCI runtime specification. */
export interface SeccompProfile {
  /** The file that it was read from, for formats whose texts name one. */
  readonly file?: string;
  readonly defaultAction: SeccompAction;
  /** Of the default action `errno`; absent: EPERM. */
  readonly defaultErrno?: number;
  /** `SCMP_ARCH_X86_64`, …; absent: the host's with its compatible ones. */
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly rules: readonly SeccompRule[];
}

export type SeccompAction = 'allow' | 'errno' | 'kill-thread' | 'kill-process' | 'trap' | 'trace' | 'log';

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  /** Absent: EPERM. */
  readonly errno?: number;
  readonly args?: readonly SeccompArgument[];
}

/** All of a rule's conditions must hold. Values are 64 bits as decimal text where they do not fit a number. */
export interface SeccompArgument {
  readonly index: number;
  readonly op: 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt' | 'masked-eq';
  readonly value: number | string;
  /** `masked-eq`: what the masked argument must equal; `value` is the mask. */
  readonly valueTwo?: number | string;
}
