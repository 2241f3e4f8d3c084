/** Brings what is on disk and in the kernel back together. Every verb that changes a container does this first. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPlaces, removeGroups } from '../cgroups/remove-groups.js';
import { CtrError } from '../errors.js';
import { cleanupByHelper } from '../exec/helper.js';
import { type ContainerStatus, readStatus } from '../state/read-state.js';
import { findCgroupMounts } from '../system/host-cgroups.js';
import { debug } from '../system/log.js';
import { currentUser } from '../system/ordinary-user.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { readBootId, readMounts } from '../system/procfs.js';
import { readUserLayout } from '../system/read-cgroup-layout.js';

/** A monitor that is cleaning up has so long, in ms. */
const SETTLE_TIMEOUT_MS = 10_000;
const SETTLE_STEP_MS = 10;

/** The state of one container as it is now; no lock is needed. */
export function statusOf(paths: Paths, name: string): ContainerStatus {
  return readStatus(paths, name, readBootId());
}

/**
 * Waits for a monitor that is ending and takes away what a lost one left. The caller holds the container's lock.
 *
 * @returns the state afterwards: `running` and `paused` are as they were, everything else has nothing left in the kernel
 * @throws CtrError CTR_BAD_STATE when something cannot be taken away
 */
export async function reconcile(paths: Paths, helper: string, name: string): Promise<ContainerStatus> {
  const status = await waitUntilSettled(paths, name);
  if (!status.remains) return status;
  debug(`reconcile '${name}': ${status.state}: ${status.reason ?? ''}`);
  const dir = containerRunDir(paths, name);
  const { ok, reason } = await cleanupByHelper(helper, dir);
  // What the plan does not tell (it may be damaged as well), the cgroups do.
  const stuck = await removeGroups(groupPlaces(paths), paths.cgroupPrefix, name);
  if (!ok || stuck.length > 0) {
    throw new CtrError(
      'CTR_BAD_STATE',
      `cannot clean up container '${name}': ${ok ? `'${stuck[0]}' is busy` : reason}`,
      {
        data: { stuck },
      },
    );
  }
  removeDamagedFiles(paths, name);
  return statusOf(paths, name);
}

async function waitUntilSettled(paths: Paths, name: string): Promise<ContainerStatus> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const status = statusOf(paths, name);
    if (!status.settling || performance.now() > deadline) return status;
    await sleep(SETTLE_STEP_MS);
  }
}

/**
 * Where groups of ctr's own lie: the mount points of all hierarchies, each once, and partitions below them; of an ordinary user what is
 * delegated to him.
 */
export function groupPlaces({ cgroupPrefix }: Paths): string[] {
  if (currentUser() !== undefined) {
    const { v2 } = readUserLayout(readMounts());
    return v2 === undefined ? [] : [join(v2.mountpoint, v2.base)];
  }
  const { v1, v2 } = findCgroupMounts(readMounts());
  return findPlaces([...new Set([...Object.values(v1), ...(v2 === undefined ? [] : [v2])])], cgroupPrefix);
}

/** The helper removes its own files; what stands in their place (a directory, say) it cannot. */
function removeDamagedFiles(paths: Paths, name: string): void {
  const dir = containerRunDir(paths, name);
  rmSync(join(dir, 'state'), { recursive: true, force: true });
  if (statusOf(paths, name).state === 'unknown') rmSync(join(dir, 'exit'), { recursive: true, force: true });
  // Of a start that was cut off before init ran: there is no exit to tell of.
  if (statusOf(paths, name).remains) rmSync(join(dir, 'plan'), { recursive: true, force: true });
}
