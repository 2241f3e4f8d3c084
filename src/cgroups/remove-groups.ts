/** Takes away cgroups of a container that nothing else knows of any more: whoever still lives in them is ended first. */
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debug } from '../system/log.js';
import { containerOf, containerOfAny, groupName } from './group-name.js';

/** The dead leave their group a moment later: rmdir says EBUSY until then. In ms. */
const REMOVAL_TIMEOUT_MS = 5000;
const REMOVAL_STEP_MS = 20;

/** Names of the containers that have a group in any place (`findPlaces`). */
export function listGroups(places: readonly string[], prefix: string): string[] {
  return [...new Set(places.flatMap((place) => groupsIn(place, prefix).sort()))];
}

function groupsIn(place: string, prefix: string): string[] {
  return subgroups(place).flatMap((group) => containerOf(prefix, group) ?? []);
}

/**
 * Kills every process in the groups of container `name` and below, and removes the groups. A frozen v1 group is
 * thawed after the kill: SIGKILL does not reach the frozen.
 *
 * @returns directories that could not be removed in time
 */
export async function removeGroups(places: readonly string[], prefix: string, name: string): Promise<string[]> {
  const groups = places.map((place) => join(place, groupName(prefix, name))).filter((path) => existsSync(path));
  const deadline = performance.now() + REMOVAL_TIMEOUT_MS;
  let left = groups.flatMap(withSubgroups);
  while (left.length > 0 && performance.now() < deadline) {
    for (const group of left) killMembers(group);
    left = left.filter((group) => !tryRemove(group));
    if (left.length > 0) await sleep(REMOVAL_STEP_MS);
  }
  return left;
}

/** Removes what a start has made of these partitions, where they are empty. */
export function removeEmptyPartitions(places: readonly string[]): void {
  for (const place of places) for (let path = place; isMadeByAStart(path) && tryRemove(path); path = dirname(path));
}

/** By its sticky bit (native/cgroup.c). */
function isMadeByAStart(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o1000) !== 0;
}

/** A partition has at most eight groups (plan-groups.ts). */
const DEEPEST = 8;

/** Where groups of containers are: the top of each hierarchy, and partitions. */
export function findPlaces(mountpoints: readonly string[], prefix: string): string[] {
  return mountpoints.flatMap((mountpoint) => [mountpoint, ...partitionsWith(mountpoint, prefix, DEEPEST)]);
}

function partitionsWith(path: string, prefix: string, depth: number): string[] {
  if (depth === 0) return [];
  // What is in the group of a container is its root's, who may call it as he likes.
  return subgroups(path)
    .filter((group) => containerOfAny(group) === undefined)
    .flatMap((group) => {
      const below = join(path, group);
      const isPlace = groupsIn(below, prefix).length > 0;
      return [...(isPlace ? [below] : []), ...partitionsWith(below, prefix, depth - 1)];
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
