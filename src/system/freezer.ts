/** Whether a process is frozen by its cgroup (v1 freezer.state, v2 cgroup.events). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupMounts, findCgroupMounts } from './host-cgroups.js';
import { parseProcessCgroups } from './parse-proc.js';
import { readMounts, readProcessCgroups } from './procfs.js';

/** The mount table is read once per command: hierarchies do not move meanwhile. */
let cachedMounts: CgroupMounts | undefined;

function cgroupMounts(): CgroupMounts {
  cachedMounts ??= findCgroupMounts(readMounts());
  return cachedMounts;
}

/** Both files tell of the group's ancestors as well. False where no freezer exists. */
export function isFrozen(pid: number): boolean {
  const memberships = parseProcessCgroups(readProcessCgroups(pid) ?? '');
  const mounts = cgroupMounts();
  for (const { controllers, path } of memberships) {
    if (controllers.includes('freezer') && mounts.v1.freezer !== undefined) {
      if (/^FROZEN/.test(readText(join(mounts.v1.freezer, path, 'freezer.state')))) return true;
    } else if (controllers.length === 0 && mounts.v2 !== undefined) {
      if (/^frozen 1$/m.test(readText(join(mounts.v2, path, 'cgroup.events')))) return true;
    }
  }
  return false;
}

/** These files say that their size is 0. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
