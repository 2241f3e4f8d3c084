/**
 * Looks a path up as a process inside the root would. Only for friendly messages before a start: the tree can change
 * right after, so the helper resolves again beneath the root's fd (openat2) and has the last word.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** As many as the kernel follows, path_resolution(7). */
const MAX_LINKS = 40;

/** The file at `path` inside `root`, links followed within the root; undefined when there is none. */
export function statInside(root: string, path: string): Stats | undefined {
  let pending = path.split('/').filter(Boolean);
  let resolved: string[] = [];
  let links = 0;
  let stat = lstatSync(root, { throwIfNoEntry: false });
  while (pending.length > 0) {
    const [segment = '', ...rest] = pending;
    pending = rest;
    if (segment === '.') continue;
    if (segment === '..') {
      resolved = resolved.slice(0, -1);
      stat = lstatSync(join(root, ...resolved));
      continue;
    }
    const here = join(root, ...resolved, segment);
    stat = lstatIfThere(here);
    if (stat === undefined) return undefined;
    if (!stat.isSymbolicLink()) {
      resolved.push(segment);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    const target = readlinkSync(here);
    if (target.startsWith('/')) resolved = [];
    pending = [...target.split('/').filter(Boolean), ...pending];
    stat = lstatSync(join(root, ...resolved));
  }
  return stat;
}

function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // A component that is no directory, or a name that is too long.
    return undefined;
  }
}
