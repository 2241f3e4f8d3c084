/** undefine: forgets a definition, and with removeStorage what ctr made for it. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { decodePlan } from '../exec/decode.js';
import { findHelper, runHooksByHelper } from '../exec/helper.js';
import { isDefined, notFound, readContainerRecord } from '../state/store.js';
import { syncDir } from '../system/atomic-file.js';
import { mountsBelow } from '../system/mountinfo.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { readMounts } from '../system/procfs.js';
import { compileAhead } from './compiled-plan.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { leaveNetworks } from './join-networks.js';
import { reconcile } from './reconcile.js';
import { removeTree } from './remove-tree.js';
import { withContainerLock, withStoreLock } from './with-lock.js';

export interface UndefineOptions extends CtrOptions {
  /** Removes the root file system as well, when ctr made it; never any other. */
  readonly removeStorage?: boolean | undefined;
}

export interface Undefined {
  readonly name: string;
  /** The root file system that ctr made and that is still there. */
  readonly keptStorage?: string;
}

/**
 * Forgets a container that does not run. Without `removeStorage` a root made by ctr stays where it is; calling it again
 * with `removeStorage` removes that too.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_RUNNING, CTR_LOCKED, CTR_IO (something is mounted below the storage, a hook failed)
 */
export async function undefine(name: string, options: UndefineOptions = {}): Promise<Undefined> {
  checkName(name);
  const paths = openPaths(options);
  const storage = join(containerStateDir(paths, name), 'rootfs');
  if (!isDefined(paths, name) && !(options.removeStorage && isOurs(paths, name))) throw notFound('undefine', name);
  const helper = await findHelper(options.helper);
  const trash = await withStoreLock(paths, helper, () =>
    withContainerLock(paths, helper, name, async (dir) => {
      const { state } = await reconcile(paths, helper, name);
      if (state === 'running' || state === 'paused') {
        throw new CtrError('CTR_RUNNING', `cannot undefine '${name}': it is ${state}`, { hint: `ctr stop ${name}` });
      }
      if (isDefined(paths, name)) await runDestroyHooks(paths, helper, name, dir);
      const keep = isOurs(paths, name) && !options.removeStorage;
      const uuid = uuidOf(paths, name);
      const moved = keep ? await removeAllButStorage(paths, name) : await moveToTrash(paths, name);
      await rm(dir, { recursive: true, force: true });
      if (uuid !== undefined) await leaveNetworks(paths, helper, uuid);
      return moved;
    }),
  );
  if (trash !== undefined) await removeTree(trash, helper);
  return existsSync(storage) ? { name, keptStorage: storage } : { name };
}

/** @throws CtrError CTR_IO when one fails: nothing is taken away then. A definition that cannot be compiled here has none. */
async function runDestroyHooks(paths: Paths, helper: string, name: string, dir: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  if (!existsSync(join(dir, 'compiled'))) await compileAhead(paths, helper, name);
  if (!hasDestroyHook(join(dir, 'compiled'))) return;
  const { ok, reason } = await runHooksByHelper(helper, dir, 'destroy');
  if (!ok) throw new CtrError('CTR_IO', `cannot undefine '${name}': ${reason}`);
}

/** A plan that cannot be read has none: it must not keep its container from being taken away. */
function hasDestroyHook(file: string): boolean {
  try {
    return decodePlan(readFileSync(file)).ops.some((op) => op.op === 'hook' && op.when === 'destroy');
  } catch {
    return false;
  }
}

function uuidOf(paths: Paths, name: string): string | undefined {
  const record = readContainerRecord(paths, name);
  return record === undefined || 'unreadable' in record ? undefined : record.uuid;
}

/** Whether `rootfs` beside the definition is ctr's own work. */
function isOurs(paths: Paths, name: string): boolean {
  const record = readContainerRecord(paths, name);
  if (record === undefined || 'unreadable' in record || !record.rootfsMadeByCtr) return false;
  return existsSync(join(containerStateDir(paths, name), 'rootfs'));
}

async function removeAllButStorage(paths: Paths, name: string): Promise<undefined> {
  const dir = containerStateDir(paths, name);
  const kept = new Set(['rootfs', 'container.json']);
  // First: without it the container is not defined any more.
  await rm(join(dir, 'definition'), { recursive: true, force: true });
  for (const entry of readdirSync(dir))
    if (!kept.has(entry)) await rm(join(dir, entry), { recursive: true, force: true });
  await syncDir(dir);
}

/** One rename makes it undefined; the removal itself may take long and be interrupted (`gc` goes on with it). */
async function moveToTrash(paths: Paths, name: string): Promise<string> {
  const dir = containerStateDir(paths, name);
  const [mount] = mountsBelow(readMounts(), dir);
  if (mount !== undefined) {
    throw new CtrError('CTR_IO', `cannot remove the storage of '${name}': '${mount.mountpoint}' is mounted`, {
      hint: `umount ${mount.mountpoint}`,
    });
  }
  if (!isOurs(paths, name) && existsSync(join(dir, 'rootfs'))) {
    throw new CtrError(
      'CTR_IO',
      `cannot undefine '${name}': '${join(dir, 'rootfs')}' is there, and ctr did not make it`,
      {
        hint: 'move it elsewhere',
      },
    );
  }
  const trash = join(paths.stateDir, 'containers', `.trash-${randomBytes(8).toString('hex')}`);
  await rename(dir, trash);
  await syncDir(join(paths.stateDir, 'containers'));
  return trash;
}
