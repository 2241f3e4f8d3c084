/** Removes a directory tree that a container could write to. */
import { rm } from 'node:fs/promises';
import { CtrError } from '../errors.js';
import { removeTreeInFirstStage } from '../exec/first-stage.js';
import { findHelper } from '../exec/helper.js';
import { mountsBelow } from '../system/mountinfo.js';
import { readOrdinaryUser } from '../system/ordinary-user.js';
import { readMounts } from '../system/procfs.js';
import { reasonOf } from '../system/reason.js';

/**
 * Removes it without following links, and not at all while anything is mounted in it.
 *
 * @throws CtrError CTR_IO
 */
export async function removeTree(path: string, helper?: string): Promise<void> {
  const [mount] = mountsBelow(readMounts(), path);
  if (mount !== undefined) throw new CtrError('CTR_IO', `cannot remove '${path}': '${mount.mountpoint}' is mounted`);
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const fail = (reason: unknown) =>
      new CtrError('CTR_IO', `cannot remove '${path}': ${reasonOf(reason)}`, { cause: reason });
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw fail(error);
    // What belongs to ids of his containers an ordinary user removes as their root.
    const user = readOrdinaryUser();
    if (user === undefined) throw fail(error);
    await removeTreeInFirstStage(await findHelper(helper), user, path);
  }
}
