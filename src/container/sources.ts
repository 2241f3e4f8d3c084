/** The files that a definition names besides itself (includes, fstab, seccomp profiles): read at define, kept with it. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import type { Sourced, Sources } from '../config/index.js';
import { reasonOf } from '../system/reason.js';

/** Of one file, in bytes. */
const FILE_LIMIT_BYTES = 1024 * 1024;
/** Of all files of a definition together, in bytes; and how many may be asked for. */
const TOTAL_LIMIT_BYTES = 8 * 1024 * 1024;
const COUNT_LIMIT = 1000;

/** What was asked for and what it said. Plain data. */
export interface TakenSources {
  readonly texts: Readonly<Record<string, Sourced<string>>>;
  readonly lists: Readonly<Record<string, Sourced<readonly string[]>>>;
}

export interface SourceRecorder {
  readonly sources: Sources;
  /** What was asked for so far; undefined for nothing. */
  readonly taken: () => TakenSources | undefined;
}

/**
 * The files of this host, each read once. As root a file or directory that every user may write to is refused, as it is for the
 * definition itself.
 */
export function openSources(): SourceRecorder {
  const texts = new Map<string, Sourced<string>>();
  const lists = new Map<string, Sourced<readonly string[]>>();
  let bytesLeft = TOTAL_LIMIT_BYTES;
  const once = <T>(known: Map<string, Sourced<T>>, path: string, read: () => T): Sourced<T> => {
    const found = known.get(path) ?? (texts.size + lists.size < COUNT_LIMIT ? attempt(read) : tooMany());
    if (texts.size + lists.size < COUNT_LIMIT) known.set(path, found);
    return found;
  };
  return {
    sources: {
      readText: (path) =>
        once(texts, path, () => {
          const text = readTextFile(path, Math.min(FILE_LIMIT_BYTES, bytesLeft));
          bytesLeft -= Buffer.byteLength(text);
          return text;
        }),
      list: (path) =>
        once(lists, path, () => {
          refuseOpenToAll(statSync(path));
          return readdirSync(path).sort();
        }),
    },
    taken: () =>
      texts.size + lists.size === 0
        ? undefined
        : { texts: Object.fromEntries(texts), lists: Object.fromEntries(lists) },
  };
}

/** What was taken once, again: the definition says the same whatever became of its files. */
export function replaySources(taken: TakenSources): Sources {
  const find = <T>(known: Readonly<Record<string, Sourced<T>>>, path: string): Sourced<T> =>
    (Object.hasOwn(known, path) ? known[path] : undefined) ?? { ok: false, reason: 'it was not read at define' };
  return { readText: (path) => find(taken.texts, path), list: (path) => find(taken.lists, path) };
}

/** Undefined when the text is none that ctr has written. */
export function parseTakenSources(text: string): TakenSources | undefined {
  try {
    const value = JSON.parse(text) as Partial<TakenSources>;
    const { texts, lists } = value;
    return typeof texts === 'object' && typeof lists === 'object' ? { texts, lists } : undefined;
  } catch {
    return undefined;
  }
}

function attempt<T>(read: () => T): Sourced<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function tooMany(): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason: `it names more than ${COUNT_LIMIT} files` };
}

/** Never blocks: a FIFO is no regular file. */
function readTextFile(path: string, limitBytes: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a directory' : 'it is no regular file');
    refuseOpenToAll(stat);
    if (stat.size > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
    const buffer = Buffer.alloc(stat.size);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, stat.size, 0));
  } finally {
    closeSync(fd);
  }
}

function refuseOpenToAll(stat: Stats): void {
  if (process.geteuid?.() === 0 && (stat.mode & 0o002) !== 0) throw new Error('every user may write to it');
}
