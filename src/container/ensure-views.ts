/** Views of /proc by a container's limits: the one lxcfs of the host is started when the first plan needs it. */
import { join } from 'node:path';
import type { ContainerSpec } from '../config/spec.js';
import { flockByHelper } from '../exec/helper.js';
import { wantsViews } from '../rootfs/plan-views.js';
import { lockFile } from '../state/lock.js';
import { expectLxcfs, findLxcfs, startLxcfs } from '../system/lxcfs.js';
import { currentUser } from '../system/ordinary-user.js';
import type { Paths } from '../system/paths.js';
import { readSettings } from '../system/read-settings.js';

const LOCK_TIMEOUT_MS = 10_000;

/** @returns where lxcfs shows them; undefined when the container wants none, or none can be had */
export async function ensureViews(paths: Paths, helper: string, spec: ContainerSpec): Promise<string | undefined> {
  if (!wantsViews(spec)) return undefined;
  let found = findLxcfs();
  if ((found.kind === 'installed' || found.kind === 'dead') && mayStartLxcfs(paths)) found = await start(paths, helper);
  return found.kind === 'runs' ? found.mountpoint : undefined;
}

/** The same without starting one: where it will be. */
export function expectViews(paths: Paths, spec: ContainerSpec): string | undefined {
  if (!wantsViews(spec)) return undefined;
  const found = findLxcfs();
  if (found.kind === 'runs') return found.mountpoint;
  return found.kind !== 'missing' && mayStartLxcfs(paths) ? expectLxcfs(paths.runDir) : undefined;
}

/** Whether one is started when none runs. It serves the whole host: who has put the run directory elsewhere has a world of his own, unless he says so. */
export function mayStartLxcfs({ cgroupPrefix }: Paths): boolean {
  const { startLxcfs: asked } = readSettings();
  return currentUser() === undefined && (asked === undefined ? cgroupPrefix === 'ctr' : asked === 1);
}

/** One at a time: two would be mounted on each other. */
async function start(paths: Paths, helper: string) {
  const flock = (fd: number, timeoutMs: number) => flockByHelper(helper, fd, timeoutMs);
  const lock = await lockFile(join(paths.runDir, 'lock'), {
    what: 'shared objects of the host',
    timeoutMs: LOCK_TIMEOUT_MS,
    flock,
  });
  try {
    return await startLxcfs(paths.runDir);
  } finally {
    await lock?.release();
  }
}
