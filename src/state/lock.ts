/** flock(2) locks: one command changes a thing at a time, and the kernel frees the lock of a command that dies. */

import { constants, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CtrError } from '../errors.js';
import { parseFlockHolders } from '../system/parse-proc.js';
import { readStartTime } from '../system/procfs.js';
import { reasonOf } from '../system/reason.js';

/** Takes LOCK_EX on an open file description of ours; `timeout` when somebody else kept it that long. */
export type Flock = (fd: number, timeoutMs: number) => Promise<'locked' | 'timeout'>;

export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** What is locked, for the message: `container 'web'`. */
  readonly what: string;
  /** How long to wait, in ms. */
  readonly timeoutMs: number;
  readonly flock: Flock;
}

/**
 * Locks the file, which is made when missing. The lock is free again after `release`, or when this process ends.
 *
 * @returns undefined when the file was removed meanwhile by whoever held the lock: make its directory again, and try again
 * @throws CtrError CTR_LOCKED names the holder; CTR_IO
 */
export async function lockFile(path: string, options: LockOptions): Promise<Lock | undefined> {
  const file = await openLockFile(path);
  if (file === undefined) return undefined;
  let locked = false;
  try {
    if ((await options.flock(file.fd, options.timeoutMs)) === 'timeout') throw lockedError(path, options);
    locked = isSameFile(path, (await file.stat()).ino);
    if (!locked) return undefined;
    await file.truncate(0);
    await file.write(`${process.pid} ${readStartTime(process.pid) ?? 0}\n`, 0);
    return { release: () => file.close() };
  } catch (error) {
    locked = false;
    throw error;
  } finally {
    if (!locked) await file.close();
  }
}

async function openLockFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CtrError('CTR_IO', `cannot open lock '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

function isSameFile(path: string, inode: number): boolean {
  try {
    return statSync(path).ino === inode;
  } catch {
    return false;
  }
}

function lockedError(path: string, { what, timeoutMs }: LockOptions): CtrError {
  const pid = findHolder(path);
  const holder = pid === undefined ? 'another command' : `pid ${pid}`;
  return new CtrError('CTR_LOCKED', `cannot lock ${what}: ${holder} has held it for ${timeoutMs / 1000} s or longer`, {
    hint: 'wait for that command to end, or end it',
    data: { path, pid: pid ?? null },
  });
}

/**
 * Who holds the lock. The kernel's table names the process that called flock(2), which for ctr is a helper that has ended
 * (the open file keeps the lock), so the holder also writes itself into the file.
 */
function findHolder(path: string): number | undefined {
  try {
    const holders = parseFlockHolders(readFileSync('/proc/locks', 'utf8'), statSync(path).ino);
    const live = holders.find((pid) => readStartTime(pid) !== undefined);
    if (live !== undefined) return live;
    const [pid, startTime] = readFileSync(path, 'utf8').trim().split(' ');
    return readStartTime(Number(pid)) === startTime ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
