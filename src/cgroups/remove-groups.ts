/** Takes away cgroups of a container that nothing else knows of any more: whoever still lives in them is ended first. */
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debug } from '../system/log.js';

/** The dead leave their group a moment later: rmdir says EBUSY until then. In ms. */
const REMOVAL_TIMEOUT_MS = 5000;
const REMOVAL_STEP_MS = 20;

/** Names of the groups directly below `parent`, of any place (`findPlaces`). */
export function listGroups(mountpoints: readonly string[], parent: string): string[] {
  return [...new Set(mountpoints.flatMap((mountpoint) => subgroups(join(mountpoint, parent)).sort()))];
}

/**
 * Kills every process in group `parent/name` of each hierarchy and below, and removes the groups. A frozen v1 group is
 * thawed after the kill: SIGKILL does not reach the frozen.
 *
 * @returns directories that could not be removed in time
 */
export async function removeGroups(mountpoints: readonly string[], parent: string, name: string): Promise<string[]> {
  const groups = mountpoints.map((mountpoint) => join(mountpoint, parent, name)).filter((path) => existsSync(path));
  const deadline = performance.now() + REMOVAL_TIMEOUT_MS;
  let left = groups.flatMap(withSubgroups);
  while (left.length > 0 && performance.now() < deadline) {
    for (const group of left) killMembers(group);
    left = left.filter((group) => !tryRemove(group));
    if (left.length > 0) await sleep(REMOVAL_STEP_MS);
  }
  return left;
}

/** Removes `parent` itself where it is empty, and what a start has made of the partition that it is in. */
export function removeEmptyParents(places: readonly string[], parent: string): void {
  for (const place of places) {
    tryRemove(join(place, parent));
    for (let path = place; isMadeByAStart(path) && tryRemove(path); path = dirname(path));
  }
}

/** By its sticky bit (native/cgroup.c). */
function isMadeByAStart(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o1000) !== 0;
}

/** A partition has at most eight groups (plan-groups.ts). */
const DEEPEST = 8;

/** Where `parent` is: at the top of each hierarchy, and in its partitions. */
export function findPlaces(mountpoints: readonly string[], parent: string): string[] {
  return mountpoints.flatMap((mountpoint) => [mountpoint, ...partitionsWith(mountpoint, parent, DEEPEST)]);
}

function partitionsWith(path: string, parent: string, depth: number): string[] {
  if (depth === 0) return [];
  return subgroups(path)
    .filter((name) => name !== parent)
    .flatMap((name) => {
      const below = join(path, name);
      return [...(existsSync(join(below, parent)) ? [below] : []), ...partitionsWith(below, parent, depth - 1)];
    });
}

/** A group and all below it, deepest first. */
function withSubgroups(group: string): string[] {
  return [...subgroups(group).flatMap((name) => withSubgroups(join(group, name))), group];
}

function subgroups(group: string): string[] {
  try {
    return readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function killMembers(group: string): void {
  for (const pid of memberPids(group)) {
    debug(`cgroup ${group}: kill ${pid}`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  }
  tryWrite(join(group, 'freezer.state'), 'THAWED');
}

function memberPids(group: string): number[] {
  try {
    const pids = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').map(Number);
    // Never 0 (a process of another pid namespace) and never us.
    return pids.filter((pid) => pid > 0 && pid !== process.pid);
  } catch {
    return [];
  }
}

function tryWrite(path: string, value: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) writeFileSync(path, value);
  } catch {
    // Without a freezer nothing is frozen.
  }
}

function tryRemove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
