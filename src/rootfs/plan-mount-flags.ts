import type { FilesystemSpec, MountFlag, MountPart, MountPropagation } from '../config/spec.js';
import { MS, OPTION, type Op } from '../exec/plan.js';

/** mount(2) */
const FLAGS: Readonly<Record<MountFlag, number>> = {
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  noatime: MS.NOATIME,
  nodiratime: MS.NODIRATIME,
  relatime: MS.RELATIME,
  strictatime: MS.STRICTATIME,
  sync: MS.SYNCHRONOUS,
  dirsync: MS.DIRSYNC,
  nosymfollow: MS.NOSYMFOLLOW,
};

/** Of a file system as such: no bind changes them. */
const OF_FILE_SYSTEM = MS.SYNCHRONOUS | MS.DIRSYNC;

/** What the host or another container has put there gives nobody inside more rights. */
export const GUARDED: readonly MountFlag[] = ['nosuid', 'nodev'];

/** The MS flags of a new mount. @param byDefault flags of a part that names none */
export function flagsOf(part: Pick<MountPart, 'readonly' | 'flags'>, byDefault: readonly MountFlag[]): number {
  return (part.flags ?? byDefault).reduce((bits, flag) => bits | FLAGS[flag], part.readonly ? MS.RDONLY : 0);
}

/** The same of a bind. What the host mounts below it later is seen where the propagation says so. */
export function bindFlagsOf(
  part: Pick<MountPart, 'readonly' | 'flags' | 'propagation'>,
  byDefault: readonly MountFlag[],
  recursive: boolean | undefined,
): number {
  const propagation = receives(part) ? MS.SLAVE : 0;
  return (flagsOf(part, byDefault) & ~OF_FILE_SYSTEM) | (recursive ? MS.REC : 0) | propagation;
}

/** Whether what the host mounts below it later is seen inside. */
export function receives({ propagation }: Pick<MountPart, 'propagation'>): boolean {
  return propagation !== undefined && /slave|shared/.test(propagation);
}

export function optionsOf({ optional }: Pick<MountPart, 'optional'>): number {
  return optional ? OPTION.IF_POSSIBLE : 0;
}

const PROPAGATIONS: Readonly<Partial<Record<MountPropagation, number>>> = {
  shared: MS.SHARED,
  rshared: MS.SHARED | MS.REC,
  unbindable: MS.UNBINDABLE,
};

/**
 * What only init can change, in its own mount namespace: mounts that what nests below shares (never the host: a mount namespace of
 * a user namespace gives nothing back), mounts that nobody may bind, and flags of the root.
 */
export function planRemounts(filesystems: readonly FilesystemSpec[]): Op[] {
  return filesystems.flatMap((filesystem): Op[] => {
    const { target, propagation, optional } = filesystem;
    const change = propagation === undefined ? undefined : PROPAGATIONS[propagation];
    // One that may be missing would have its target's mount changed in its stead, or fail the start.
    const changes: Op[] = change === undefined || optional ? [] : [{ op: 'remount', path: target, flags: change }];
    const flags = target === '/' && filesystem.type === 'mount' ? bindFlagsOf(filesystem, [], false) & ~MS.SLAVE : 0;
    if ((flags & ~MS.RDONLY) === 0) return changes;
    return [{ op: 'remount', path: '/', flags: flags | MS.REMOUNT | MS.BIND }, ...changes];
  });
}
