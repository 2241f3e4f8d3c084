/** Devices of the host in a container, besides the six that each has (null, zero, full, random, urandom, tty). */

export interface DevicesSpec {
  readonly nodes: readonly DeviceNodeSpec[];
  /** In order; a later one wins. Absent: ctr's allow-list, with the nodes above. */
  readonly rules?: readonly DeviceRuleSpec[];
}

export interface DeviceNodeSpec {
  /** Absolute path inside, below /dev. */
  readonly path: string;
  readonly kind: 'block' | 'char';
  /** Node of the host whose numbers it has; with `loop` a file. */
  readonly source?: string;
  /** Where there is no `source`. */
  readonly numbers?: { readonly major: number; readonly minor: number };
  /** `source` is a file with a disk in it, which a loop device shows. */
  readonly loop?: boolean;
  /** Permissions; absent: 0o700 (libvirt's). */
  readonly mode?: number;
  /** Ids inside; absent: root. */
  readonly uid?: number;
  readonly gid?: number;
  /** What the device controller lets through: letters of `rwm`. */
  readonly access: string;
}

export interface DeviceRuleSpec {
  readonly allow: boolean;
  /** `all`: of both kinds. */
  readonly kind: 'all' | 'block' | 'char';
  /** Absent: any. */
  readonly major?: number;
  readonly minor?: number;
  /** Letters of `rwm`. */
  readonly access: string;
}
