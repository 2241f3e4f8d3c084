import type { AccessMode, FilesystemSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION } from '../exec/plan.js';

type Medium = Extract<FilesystemSpec, { type: 'block' | 'file' }>;

/** Options of an id-mapped mount. Without a user namespace ids on disk are those inside, and `mapped` asks for nothing. */
export function mapOptions(accessMode: AccessMode | undefined, hasUserNamespace: boolean): number {
  switch (accessMode) {
    case 'mapped':
      return hasUserNamespace ? OPTION.IDMAPPED : 0;
    case 'root':
      return OPTION.MAP_ROOT;
    case 'owner':
      return OPTION.MAP_OWNER;
    case 'target-owner':
      return OPTION.MAP_TARGET;
    default:
      return 0;
  }
}

/**
 * What says that a block device, or a file through a loop device, is mounted, and how its ids are.
 *
 * @throws CtrError CTR_UNSUPPORTED on a disk image that is not raw
 */
export function mediumOptions(medium: Medium, hasUserNamespace: boolean): number {
  const ids = mapOptions(medium.accessMode, hasUserNamespace);
  if (medium.type === 'block') return ids;
  const { target, driver, format = 'raw' } = medium;
  const fail = (reason: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '${target}': ${reason}`, {
      hint: 'convert the disk image to a raw one',
    });
  if (driver === 'nbd') throw fail('disk images are shown by loop devices only, not by nbd');
  if (format !== 'raw' && format !== 'none') throw fail(`a loop device shows no disk image of format '${format}'`);
  return ids | OPTION.LOOP;
}
