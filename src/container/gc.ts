/** gc: restores order. Whatever a killed command or monitor left, and nothing that runs. */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listGroups, removeEmptyPartitions, removeGroups } from '../cgroups/remove-groups.js';
import { isContainerName } from '../config/name.js';
import { CtrError } from '../errors.js';
import { findHelper, flockByHelper } from '../exec/helper.js';
import { lockFile } from '../state/lock.js';
import { listRunSlots, runSlotDir } from '../state/run-slots.js';
import { isDefined, listNames } from '../state/store.js';
import { stopLxcfs } from '../system/lxcfs.js';
import { currentUser } from '../system/ordinary-user.js';
import type { Paths } from '../system/paths.js';
import { readStartTime } from '../system/procfs.js';
import { reasonOf } from '../system/reason.js';
import { type CtrOptions, openPaths } from './context.js';
import { leaveNetworks } from './join-networks.js';
import { list } from './list.js';
import { groupPlaces, reconcile, statusOf } from './reconcile.js';
import { removeTree } from './remove-tree.js';
import { runOwner } from './run-owner.js';
import { collectNetworks } from './start-network.js';
import { withContainerLock, withStoreLock } from './with-lock.js';

export interface GcReport {
  /** What was taken away, in words. */
  readonly done: readonly string[];
  /** What could not be, and why. */
  readonly failed: readonly string[];
}

/** @throws CtrError CTR_HELPER; a part that fails is reported and does not stop the others */
export async function gc(options: CtrOptions = {}): Promise<GcReport> {
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const done: string[] = [];
  const failed: string[] = [];
  const attempt = async (what: string, step: () => Promise<boolean>) => {
    try {
      if (await step()) done.push(what);
    } catch (error) {
      failed.push(`${what}: ${reasonOf(error)}`);
    }
  };
  for (const name of listNames(paths.runDir).filter(isContainerName)) {
    await attempt(`remains of '${name}'`, () => collectRunDir(paths, helper, name));
  }
  const places = groupPlaces(paths);
  for (const name of listGroups(places, paths.cgroupPrefix).filter(isContainerName)) {
    await attempt(`cgroups of '${name}'`, () => collectGroups(paths, helper, name, places));
  }
  removeEmptyPartitions(places);
  for (const name of await collectNetworks(paths, helper)) done.push(`network '${name}'`);
  for (const slot of listRunSlots(paths)) {
    await attempt(`plans of runs in slot ${slot}`, () => collectRunSlot(paths, helper, slot));
  }
  if (existsSync(paths.stateDir)) await collectStateDir(paths, helper, attempt);
  // What still runs reads its limits there.
  if (currentUser() === undefined && list(options).length === 0) await attempt('lxcfs', () => stopLxcfs(paths.runDir));
  return { done, failed };
}

/** A container without its monitor, and the run directory of one that is not defined any more. */
async function collectRunDir(paths: Paths, helper: string, name: string): Promise<boolean> {
  const { remains, run } = statusOf(paths, name);
  const stale = run === undefined && !isDefined(paths, name);
  if (!remains && !stale) return false;
  return withContainerLock(paths, helper, name, async (dir) => {
    const { state } = await reconcile(paths, helper, name);
    const up = state === 'running' || state === 'paused';
    if (!up && !isDefined(paths, name)) await rm(dir, { recursive: true, force: true });
    return !up;
  });
}

/** Groups of a name that does not run. A plan tells how its container is cleaned up; this is for what has none. */
async function collectGroups(paths: Paths, helper: string, name: string, places: string[]): Promise<boolean> {
  return withContainerLock(paths, helper, name, async () => {
    const { state } = await reconcile(paths, helper, name);
    if (state === 'running' || state === 'paused') return false;
    const stuck = await removeGroups(places, paths.cgroupPrefix, name);
    if (stuck.length > 0) throw new Error(`'${stuck[0]}' is busy`);
    return true;
  });
}

/** A slot that no run has: its ids are free for others again. */
async function collectRunSlot(paths: Paths, helper: string, slot: number): Promise<boolean> {
  const dir = runSlotDir(paths, slot);
  const flock = (fd: number, timeoutMs: number) => flockByHelper(helper, fd, timeoutMs);
  const lock = await lockFile(join(dir, 'lock'), { what: `slot ${slot}`, timeoutMs: 0, flock }).catch((error) => {
    if (error instanceof CtrError && error.code === 'CTR_LOCKED') return undefined;
    throw error;
  });
  if (lock === undefined) return false;
  await leaveNetworks(paths, helper, runOwner(paths, slot));
  await rm(dir, { recursive: true, force: true });
  await lock.release();
  return true;
}

type Attempt = (what: string, step: () => Promise<boolean>) => Promise<void>;

/** Storage that was being removed, and roots whose maker died. */
async function collectStateDir(paths: Paths, helper: string, attempt: Attempt): Promise<void> {
  const dir = join(paths.stateDir, 'containers');
  const stale = await withStoreLock(paths, helper, async () => readdirSync(dir).filter(isAbandoned));
  for (const entry of stale) {
    await attempt(`'${join(dir, entry)}'`, async () => {
      await removeTree(join(dir, entry), helper);
      return true;
    });
  }
}

function isAbandoned(entry: string): boolean {
  if (entry.startsWith('.trash-')) return true;
  const maker = /^\.new-(\d+)-(\d+)-/.exec(entry);
  return maker !== null && readStartTime(Number(maker[1])) !== maker[2];
}
