/** Reads the file of a definition. */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
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
    const bytes = path !== '-' && statSync(path).isFile() ? readRegular(path) : await readStream(path);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof CtrError) throw error;
    throw new CtrError('CTR_IO', `cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

/** At once: a stream would make the command twice as slow, and nothing waits here. */
function readRegular(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    refuseOpenToAll(path, stat);
    // A file that grows meanwhile, or one of /proc that tells no size.
    const chunks: Buffer[] = [];
    for (let size = 0, room = stat.size + 1; ; room = 65_536) {
      const chunk = Buffer.allocUnsafe(Math.min(room, FILE_LIMIT_BYTES + 1 - size));
      const count = readSync(fd, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      size += count;
      refuseLarge(size);
    }
  } finally {
    closeSync(fd);
  }
}

async function readStream(path: string): Promise<Buffer> {
  const file = path === '-' ? undefined : await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of file?.createReadStream({ autoClose: false }) ?? process.stdin) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      refuseLarge(size);
    }
    return Buffer.concat(chunks);
  } finally {
    await file?.close();
  }
}

function refuseLarge(size: number): void {
  if (size > FILE_LIMIT_BYTES) throw new Error(`it is larger than ${FILE_LIMIT_BYTES} bytes`);
}

function refuseOpenToAll(path: string, stat: Stats): void {
  if (process.geteuid?.() !== 0 || (stat.mode & 0o002) === 0) return;
  throw new CtrError('CTR_IO', `cannot read '${path}': every user may write to it`, { hint: `chmod o-w ${path}` });
}
