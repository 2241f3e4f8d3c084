/** logs: what the consoles said. The monitor writes `consoleN.log` and keeps one older part, `consoleN.log.1`. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CtrError } from '../errors.js';
import { isDefined, notFound } from '../state/store.js';
import { containerStateDir, type Paths } from '../system/paths.js';
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
/** A container that starts again is nowhere for a moment: so often it must be found ended. */
const DOWN_POLLS = 3;

const GAP = Buffer.from('\r\n[ctr: the log went on faster than it was read: something may be missing here]\r\n');

/**
 * The bytes as the container wrote them, oldest first: nothing that steers a terminal is taken out.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_IO
 */
export async function* logs(name: string, options: LogsOptions = {}): AsyncGenerator<Buffer, void> {
  checkName(name);
  const paths = openPaths(options);
  if (!isDefined(paths, name)) throw hasNoLogs(paths, name);
  const path = join(containerStateDir(paths, name), `console${options.index ?? 0}.log`);
  let current = await openLog(path);
  let downs = 0;
  try {
    // After the other: what is renamed meanwhile is read once, and not lost.
    yield* readOlder(path, current);
    for (;;) {
      // Asked before reading: what was written before the end is read after it.
      downs = isUp(paths, name) ? 0 : downs + 1;
      const last = !options.follow || options.signal?.aborted || downs >= DOWN_POLLS;
      if (current !== undefined) yield* readOn(current);
      if (last) return;
      const next = await openRotated(path, current);
      if (next !== undefined) {
        yield* readRotated(path, current, next);
        await current?.close();
        current = next;
        continue;
      }
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => {});
    }
  } finally {
    await current?.close();
  }
}

/** A run is there, and what it says is not kept. */
function hasNoLogs(paths: Paths, name: string): CtrError {
  if (!isUp(paths, name)) return notFound('read the logs of', name);
  return new CtrError(
    'CTR_NOT_FOUND',
    `cannot read the logs of '${name}': it is a run, and what a run says is not kept`,
    {
      hint: `it goes to where it was started; ctr enter ${name} looks in`,
    },
  );
}

/** Also while its monitor is about to start it again. */
function isUp(paths: Paths, name: string): boolean {
  const { state, settling } = statusOf(paths, name);
  return state === 'running' || state === 'paused' || settling;
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

async function* readOlder(path: string, current: FileHandle | undefined): AsyncGenerator<Buffer, void> {
  const older = await openLog(`${path}.1`);
  if (older === undefined) return;
  if (current !== undefined && (await isSame(older, current))) await older.close();
  else yield* readOnce(older);
}

/** The log that has taken the place of this one, or undefined. The monitor renames a full log and begins another. */
async function openRotated(path: string, current: FileHandle | undefined): Promise<FileHandle | undefined> {
  const next = await openLog(path);
  if (next === undefined || current === undefined || !(await isSame(current, next))) return next;
  await next.close();
  return undefined;
}

/** What the old log has got since it was read last, and the one in between when there was more than one rotation. */
async function* readRotated(path: string, current: FileHandle | undefined, next: FileHandle) {
  if (current === undefined) return;
  yield* readOn(current);
  const older = await openLog(`${path}.1`);
  if (older === undefined) return;
  if ((await isSame(older, current)) || (await isSame(older, next))) {
    await older.close();
    return;
  }
  yield GAP;
  yield* readOnce(older);
}

async function isSame(one: FileHandle, other: FileHandle): Promise<boolean> {
  return (await one.stat()).ino === (await other.stat()).ino;
}
