/** A device a container may use. '*' is any number. */
export interface DeviceRule {
  readonly type: 'c' | 'b';
  readonly major: number | '*';
  readonly minor: number | '*';
  /** Of `r`, `w`, `m` (mknod). */
  readonly access: string;
}

const character = (major: number, minor: number | '*'): DeviceRule => ({ type: 'c', major, minor, access: 'rwm' });

/** null, zero, full, random, urandom, tty, ptmx, and the slaves of devpts. libvirt has FUSE too; here it takes a request. */
const ALLOWED: readonly DeviceRule[] = [
  character(1, 3),
  character(1, 5),
  character(1, 7),
  character(1, 8),
  character(1, 9),
  character(5, 0),
  character(5, 2),
  character(136, '*'),
];

/** Nodes may be made, not opened. */
const MKNOD_OF_ANY: readonly DeviceRule[] = [
  { type: 'c', major: '*', minor: '*', access: 'm' },
  { type: 'b', major: '*', minor: '*', access: 'm' },
];

/** What a container may use; all else is refused. @param mknod the configuration switches the capability on, as libvirt has it */
export function listDeviceRules(mknod: boolean): readonly DeviceRule[] {
  return mknod ? [...ALLOWED, ...MKNOD_OF_ANY] : ALLOWED;
}

/** A line of `devices.allow`. */
export function formatDeviceRule({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major}:${minor} ${access}`;
}
