import { posix } from 'node:path';
import { MASKED_PATHS, READ_ONLY_PATHS } from '../guarded-paths.js';
import type { ContainerSpec, KernelMountsSpec, SecuritySpec } from '../spec.js';
import type { OciLinux } from './config-shape.js';

/** Masked and read-only paths and the group's path of a config.json, both ways. */

/** What the print of a container with ctr's own guard of /proc begins with. */
const GUARD: readonly string[] = [...READ_ONLY_PATHS, '/proc/sys'];

type Paths = Pick<SecuritySpec, 'masks' | 'maskedPaths' | 'readonlyPaths'>;

/** The paths of the text and no others. Those that ctr itself printed are its own masks again. */
export function readPaths({ maskedPaths = [], readonlyPaths = [] }: OciLinux, { proc }: KernelMountsSpec): Paths {
  const masks = proc === 'writable' && beginsWith(maskedPaths, MASKED_PATHS) && beginsWith(readonlyPaths, GUARD);
  const masked = masks ? maskedPaths.slice(MASKED_PATHS.length) : maskedPaths;
  const readonly = masks ? readonlyPaths.slice(GUARD.length) : readonlyPaths;
  return {
    masks,
    ...(masked.length === 0 ? {} : { maskedPaths: masked }),
    ...(readonly.length === 0 ? {} : { readonlyPaths: readonly }),
  };
}

function beginsWith(list: readonly string[], start: readonly string[]): boolean {
  return start.every((path, index) => list[index] === path);
}

/** With its masks /proc has ctr's guard, too. */
export function guardMounts<T extends KernelMountsSpec>(mounts: T, { masks }: Paths): T {
  return masks ? { ...mounts, proc: 'guarded' } : mounts;
}

/** With ctr's own lists, where the spec has them; what hides a file system's target is a mask, too. */
export function writePaths({
  security,
  kernelMounts,
  filesystems,
  idmap,
}: ContainerSpec): Pick<OciLinux, 'maskedPaths' | 'readonlyPaths'> {
  const hasMasks = security.masks && !security.nesting;
  const isGuarded = (kernelMounts?.proc ?? 'guarded') === 'guarded' && !(security.nesting && idmap !== undefined);
  const hidden = filesystems.filter(({ type }) => type === 'inaccessible').map(({ target }) => target);
  const masked = [...(hasMasks ? MASKED_PATHS : []), ...(security.maskedPaths ?? []), ...hidden];
  const readonly = [
    ...(hasMasks ? READ_ONLY_PATHS : []),
    ...(isGuarded ? ['/proc/sys'] : []),
    ...(security.readonlyPaths ?? []),
  ];
  return {
    ...(masked.length === 0 ? {} : { maskedPaths: masked }),
    ...(readonly.length === 0 ? {} : { readonlyPaths: readonly }),
  };
}

/** `slice:prefix:name`, which asks systemd for a scope. */
export function isScopePath(cgroupsPath: string): boolean {
  return /^[^/:]*:[^/:]*:[^/:]*$/.test(cgroupsPath);
}

/** The group that the container's is below; its last part is the container's name to ctr. */
export function readPartition(cgroupsPath = ''): string | undefined {
  if (cgroupsPath === '' || isScopePath(cgroupsPath)) return undefined;
  const parent = posix.dirname(posix.resolve('/', cgroupsPath));
  return parent === '/' ? undefined : parent;
}

export function writeCgroupsPath({ partition, name }: ContainerSpec): Pick<OciLinux, 'cgroupsPath'> {
  return partition === undefined ? {} : { cgroupsPath: posix.join('/', partition, name) };
}
