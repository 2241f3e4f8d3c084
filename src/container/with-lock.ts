/** Runs something while this command alone may change a container, or the definitions as a whole. */
import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { flockByHelper } from '../exec/helper.js';
import { type Lock, lockFile } from '../state/lock.js';
import { networkRunDir } from '../state/network-store.js';
import { prepareRunDir, prepareStateDir } from '../state/store.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { ensurePrivateDir } from '../system/private-dir.js';

/** How long a command waits for another one, in ms. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Holds the lock of one container. A run directory that holds nothing else afterwards goes.
 *
 * @param action gets the run directory of the container
 */
export async function withContainerLock<T>(
  paths: Paths,
  helper: string,
  name: string,
  action: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = containerRunDir(paths, name);
  const lock = await takeContainerLock(paths, helper, name, dir);
  try {
    return await action(dir);
  } finally {
    removeWhenEmpty(dir);
    await lock.release();
  }
}

/** The directory may go between its making and the lock, by the hand of whoever held the lock before. */
async function takeContainerLock(paths: Paths, helper: string, name: string, dir: string): Promise<Lock> {
  const flock = (fd: number, timeoutMs: number) => flockByHelper(helper, fd, timeoutMs);
  for (;;) {
    prepareRunDir(paths, dir);
    const lock = await lockFile(join(dir, 'lock'), { what: `container '${name}'`, timeoutMs: LOCK_TIMEOUT_MS, flock });
    if (lock !== undefined) return lock;
  }
}

function removeWhenEmpty(dir: string): void {
  try {
    const names = readdirSync(dir);
    if (names.length !== 1 || names[0] !== 'lock') return;
    unlinkSync(join(dir, 'lock'));
    rmdirSync(dir);
  } catch {
    // Somebody made something in it meanwhile: then it stays.
  }
}

/** Holds the lock of a network, which whoever joins it takes, too. */
export async function withNetworkLock<T>(
  paths: Paths,
  helper: string,
  name: string,
  action: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = networkRunDir(paths, name);
  for (const path of [paths.runDir, join(paths.runDir, 'networks'), dir]) ensurePrivateDir(path);
  const flock = (fd: number, timeoutMs: number) => flockByHelper(helper, fd, timeoutMs);
  for (;;) {
    const lock = await lockFile(join(dir, 'lock'), { what: `network '${name}'`, timeoutMs: LOCK_TIMEOUT_MS, flock });
    if (lock === undefined) continue;
    try {
      return await action(dir);
    } finally {
      await lock.release();
    }
  }
}

/** Holds the lock of the definitions: names, uuids and id ranges are given out one at a time. */
export function withStoreLock<T>(paths: Paths, helper: string, action: () => Promise<T>): Promise<T> {
  return withStateLock(paths, helper, { file: 'lock', what: 'the definitions' }, action);
}

/** Holds the lock of the networks' definitions, which is taken behind that of the containers'. */
export function withNetworksLock<T>(paths: Paths, helper: string, action: () => Promise<T>): Promise<T> {
  return withStateLock(paths, helper, { file: 'lock-networks', what: 'the networks' }, action);
}

async function withStateLock<T>(
  paths: Paths,
  helper: string,
  { file, what }: { readonly file: string; readonly what: string },
  action: () => Promise<T>,
): Promise<T> {
  prepareStateDir(paths);
  const flock = (fd: number, timeoutMs: number) => flockByHelper(helper, fd, timeoutMs);
  for (;;) {
    const lock = await lockFile(join(paths.stateDir, file), { what, timeoutMs: LOCK_TIMEOUT_MS, flock });
    if (lock === undefined) continue;
    try {
      return await action();
    } finally {
      await lock.release();
    }
  }
}
