/** One file out of a tar archive, without unpacking the archive: nothing in it says where anything is written. */
import { posix } from 'node:path';
import type { ReadEntry } from 'tar';

const REGULAR_TYPES = new Set(['File', 'OldFile', 'ContiguousFile']);

/**
 * The content of the one member that has one of these names. The archive is read to its end, so a damaged one is noticed.
 *
 * @param archive not compressed
 * @param names inside the archive, without a leading `./`
 * @param limitBytes the longest content that is taken
 * @throws Error when there is no such member, more than one, when it is no regular file or too long, or for a damaged archive
 */
export async function readTarMember(
  archive: AsyncIterable<Uint8Array>,
  names: readonly string[],
  limitBytes: number,
): Promise<Buffer> {
  const { Parser } = await import('tar');
  const members: Promise<Buffer>[] = [];
  let fault: Error | undefined;
  const take = (entry: ReadEntry) => {
    fault ??= faultOf(entry, limitBytes);
    if (fault === undefined && members.length > 0) fault = new Error(`the archive holds '${entry.path}' twice`);
    if (fault === undefined) members.push(entry.concat());
    else entry.resume();
  };
  const parser = new Parser({
    // A wrong checksum or a truncated end is an error, not a remark.
    strict: true,
    filter: (path) => names.includes(posix.normalize(path)),
    onReadEntry: take,
  });
  const ended = new Promise<void>((resolve) => {
    parser.once('end', resolve);
    parser.on('error', (error: Error) => {
      fault ??= error;
      resolve();
    });
  });
  for await (const chunk of archive) {
    // Its answer, whether to wait, is of no use here: what it holds is bounded by the one member that is taken.
    parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (fault !== undefined) throw fault;
  }
  parser.end();
  await ended;
  if (fault !== undefined) throw fault;
  const [member] = members;
  if (member === undefined) throw new Error(`the archive holds no '${names.join("' or '")}'`);
  return member;
}

function faultOf(entry: ReadEntry, limitBytes: number): Error | undefined {
  if (!REGULAR_TYPES.has(entry.type)) return new Error(`'${entry.path}' in the archive is no regular file`);
  if (entry.size > limitBytes) return new Error(`'${entry.path}' in the archive is larger than ${limitBytes} bytes`);
  return undefined;
}
