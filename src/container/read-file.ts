/** Reads the file of a definition. */
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';

/** The largest file that is read as a definition, in bytes: the parser refuses it, and says why, from 1 MiB on. */
const FILE_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Reads a definition file; `-` is stdin. What a file says that any user of the host may write to is nothing to do as root.
 *
 * @throws CtrError CTR_IO
 */
export async function readDefinitionFile(path: string): Promise<string> {
  try {
    const file = path === '-' ? undefined : await open(path, 'r');
    try {
      if (file !== undefined && process.geteuid?.() === 0) refuseOpenToAll(path, await file.stat());
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of file?.createReadStream({ autoClose: false }) ?? process.stdin) {
        chunks.push(chunk as Buffer);
        size += (chunk as Buffer).length;
        if (size > FILE_LIMIT_BYTES) throw new Error(`it is larger than ${FILE_LIMIT_BYTES} bytes`);
      }
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      await file?.close();
    }
  } catch (error) {
    if (error instanceof CtrError) throw error;
    throw new CtrError('CTR_IO', `cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

function refuseOpenToAll(path: string, stat: Stats): void {
  if (!stat.isFile() || (stat.mode & 0o002) === 0) return;
  throw new CtrError('CTR_IO', `cannot read '${path}': every user may write to it`, { hint: `chmod o-w ${path}` });
}
