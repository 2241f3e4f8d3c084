/** Nothing of a run stays: containers, then cgroups, then files. Only what carries this run's tag, or is below its scratch. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Place, succeeds } from './place.js';
import type { Stopwatch } from './stopwatch.js';

/** What peers make without our tag in its name: LXC keeps one group for dead monitors, systemd-nspawn its caller's two halves. */
const GROUPS_OF_PEERS = ['lxc.pivot', 'payload', 'supervisor'];

/** @param groupsBefore what `listCgroups` gave before the first container */
export async function cleanUp(place: Place, stopwatch: Stopwatch, groupsBefore: readonly string[]): Promise<void> {
  // The stopwatch kills whatever is left, but only ctr takes away its own cgroups.
  if (existsSync(place.stateDir)) succeeds(place, [place.ctr, 'destroy', '--all']);
  await stopwatch.close();
  removeCgroups(listCgroups().filter((path) => !groupsBefore.includes(path) && isOurs(path, place.tag)));
  succeeds(place, ['umount', place.volatile]);
  succeeds(place, ['rm', '-rf', '--one-file-system', place.scratch]);
}

/** Paths of all cgroups of all hierarchies. */
export function listCgroups(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const trees = mounts.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, path = '']) => path);
  return trees.flatMap((tree) =>
    readdirSync(tree, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

function isOurs(path: string, tag: string): boolean {
  return path.includes(tag) || GROUPS_OF_PEERS.includes(basename(path));
}

/** Empty ones; the deepest first. */
function removeCgroups(paths: readonly string[]): void {
  for (const path of [...paths].sort().reverse()) {
    try {
      rmdirSync(path);
    } catch (error) {
      process.stderr.write(`bench: cannot remove '${path}': ${(error as Error).message}\n`);
    }
  }
}
