/** Reading files that anything may have happened to. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { reasonOf } from './reason.js';

export type SmallFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Larger than any file of ctr's own that is read whole. */
const DEFAULT_LIMIT_BYTES = 65536;

export interface ReadSmallFileOptions {
  /** Why the file that was opened is not to be read, as words behind "it"; undefined when it may be. */
  readonly refuse?: (stat: Stats) => string | undefined;
}

/**
 * Reads a regular file of at most `limitBytes`. Never throws and never blocks: a symbolic link, a FIFO, a directory or a
 * huge file is `unreadable`, with the reason.
 */
export function readSmallFile(
  path: string,
  limitBytes = DEFAULT_LIMIT_BYTES,
  { refuse }: ReadSmallFileOptions = {},
): SmallFile {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unreadable', reason: code === 'ELOOP' ? 'is a symbolic link' : reasonOf(error) };
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { kind: 'unreadable', reason: 'is not a regular file' };
    if (stat.size > limitBytes) return { kind: 'unreadable', reason: `is larger than ${limitBytes} bytes` };
    const refused = refuse?.(stat);
    if (refused !== undefined) return { kind: 'unreadable', reason: refused };
    const buffer = Buffer.allocUnsafe(stat.size);
    const length = readSync(fd, buffer, 0, stat.size, 0);
    return { kind: 'text', text: buffer.toString('utf8', 0, length) };
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  } finally {
    closeSync(fd);
  }
}
