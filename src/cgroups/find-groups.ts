/** Where the groups of a running container are. */
import { readFileSync } from 'node:fs';
import type { CgroupMounts } from '../system/host-cgroups.js';
import { parseProcessCgroups } from '../system/parse-proc.js';
import { containerGroup } from './parse-stats.js';

/**
 * Reads a file of the container's group: the first file where the controller is one of v1, else the second, of v2. Undefined where
 * there is none, or the container has no group of that controller.
 */
export type GroupReader = (
  controller: string,
  v1File: string | undefined,
  v2File: string | undefined,
) => string | undefined;

/** For the container `name`, in whose groups the process with this /proc/PID/cgroup text lives. */
export function openGroups(mounts: CgroupMounts, processCgroups: string, name: string): GroupReader {
  const directories = findDirectories(mounts, processCgroups, name);
  const v2 = directories.get('');
  return (controller, v1File, v2File) => {
    const v1 = controller === '' ? undefined : directories.get(controller);
    if (v1 !== undefined) return v1File === undefined ? undefined : readText(`${v1}/${v1File}`);
    return v2 === undefined || v2File === undefined ? undefined : readText(`${v2}/${v2File}`);
  };
}

/** Controller ('' for v2) to the directory of the container's group. */
function findDirectories(mounts: CgroupMounts, processCgroups: string, name: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { controllers, path } of parseProcessCgroups(processCgroups)) {
    const group = containerGroup(path, name);
    if (group === undefined) continue;
    if (controllers.length === 0 && mounts.v2 !== undefined) found.set('', mounts.v2 + group);
    for (const controller of controllers) {
      const mountpoint = mounts.v1[controller];
      if (mountpoint !== undefined) found.set(controller, mountpoint + group);
    }
  }
  return found;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
