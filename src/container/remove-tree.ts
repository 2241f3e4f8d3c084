/** Removes a directory tree that a container could write to. */
import { rm } from 'node:fs/promises';
import { CtrError } from '../errors.js';
import { mountsBelow } from '../system/mountinfo.js';
import { readMounts } from '../system/procfs.js';
import { reasonOf } from '../system/reason.js';

/**
 * Removes it without following links, and not at all while anything is mounted in it.
 *
 * @throws CtrError CTR_IO
 */
export async function removeTree(path: string): Promise<void> {
  const [mount] = mountsBelow(readMounts(), path);
  if (mount !== undefined) throw new CtrError('CTR_IO', `cannot remove '${path}': '${mount.mountpoint}' is mounted`);
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw new CtrError('CTR_IO', `cannot remove '${path}': ${reasonOf(error)}`, { cause: error });
  }
}
