/** Files that are either as before or as after, whatever dies in between. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from './reason.js';

/**
 * Writes a file anew, readable by its owner alone: temporary file in the same directory, fsync, rename, fsync of the directory.
 *
 * @throws CtrError CTR_IO; nothing is left behind then
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await replace(path, data, true, 0o600);
}

/** As `writeFileAtomic` without fsync: for files that do not outlive this boot. @throws CtrError CTR_IO */
export async function replaceFile(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  await replace(path, data, false, mode);
}

async function replace(path: string, data: string | Uint8Array, lasting: boolean, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(data);
      if (mode !== 0o600) await file.chmod(mode);
      if (lasting) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (lasting) await syncDir(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw new CtrError('CTR_IO', `cannot write '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

/** fsync of a directory: makes renames and removals in it last. */
export async function syncDir(path: string): Promise<void> {
  const dir = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}
