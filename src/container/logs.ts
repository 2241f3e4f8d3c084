/** logs: what the consoles said. The monitor writes `consoleN.log` and keeps one older part, `consoleN.log.1`. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CtrError } from '../errors.js';
import { isDefined, notFound } from '../state/store.js';
import { containerStateDir } from '../system/paths.js';
import { reasonOf } from '../system/reason.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { statusOf } from './reconcile.js';

export interface LogsOptions extends CtrOptions {
  /** Which console; default 0. */
  readonly index?: number | undefined;
  /** Goes on with what comes, until the container has ended or `signal` is aborted. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CHUNK_BYTES = 65536;
const POLL_MS = 100;

/**
 * The bytes as the container wrote them, oldest first: nothing that steers a terminal is taken out.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_IO
 */
export async function* logs(name: string, options: LogsOptions = {}): AsyncGenerator<Buffer, void> {
  checkName(name);
  const paths = openPaths(options);
  if (!isDefined(paths, name)) throw notFound('read the logs of', name);
  const path = join(containerStateDir(paths, name), `console${options.index ?? 0}.log`);
  const older = await openLog(`${path}.1`);
  if (older !== undefined) yield* readOnce(older);
  let current = await openLog(path);
  try {
    for (;;) {
      // Asked before reading: what was written before the end is read after it.
      const last = !options.follow || options.signal?.aborted || !isUp(statusOf(paths, name).state);
      if (current !== undefined) yield* readOn(current);
      if (last) return;
      current = await reopenWhenRotated(path, current);
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => {});
    }
  } finally {
    await current?.close();
  }
}

function isUp(state: string): boolean {
  return state === 'running' || state === 'paused';
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new Error('it is not a regular file');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CtrError('CTR_IO', `cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

async function* readOnce(file: FileHandle): AsyncGenerator<Buffer, void> {
  try {
    yield* readOn(file);
  } finally {
    await file.close();
  }
}

/** From where the file stands to its present end. */
async function* readOn(file: FileHandle): AsyncGenerator<Buffer, void> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The monitor renames a full log and begins another: its last bytes are read already, since this comes after a read. */
async function reopenWhenRotated(path: string, current: FileHandle | undefined): Promise<FileHandle | undefined> {
  const next = await openLog(path);
  if (next === undefined) return current;
  if (current !== undefined && (await current.stat()).ino === (await next.stat()).ino) {
    await next.close();
    return current;
  }
  await current?.close();
  return next;
}
