/** start: from a definition to a running container. */
import { rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { encodePlan } from '../exec/encode.js';
import { findHelper } from '../exec/helper.js';
import { startByHelper } from '../exec/start.js';
import { isDefined, notFound } from '../state/store.js';
import { writeFileAtomic } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { checkStartable } from './check-startable.js';
import { compile } from './compile.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { readSpec } from './read-spec.js';
import { reconcile, statusOf } from './reconcile.js';
import { explainStartFailure } from './start-failure.js';
import { type LockedContainer, withContainerLock } from './with-lock.js';

export interface StartedContainer {
  readonly name: string;
  /** init, as the host sees it. */
  readonly pid: number;
  readonly monitorPid: number;
  /** It has ended already; `info` says how. */
  readonly ended: boolean;
}

/**
 * Starts a defined container and returns once its init runs. Whatever an earlier run left is taken away first.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_RUNNING, CTR_LOCKED, CTR_START_FAILED (`data`: step, call, errno, object), CTR_UNSUPPORTED,
 *   CTR_BAD_CONFIG, CTR_NEED_ROOT; nothing is left behind then
 */
export async function start(name: string, options: CtrOptions = {}): Promise<StartedContainer> {
  checkName(name);
  requireRoot('start containers');
  const paths = openPaths(options);
  if (!isDefined(paths, name)) throw notFound('start', name);
  const helper = await findHelper(options.helper);
  return withContainerLock(paths, helper, name, async (locked) => {
    const { state, run } = await reconcile(paths, helper, name);
    if (state === 'running' || state === 'paused') {
      throw new CtrError('CTR_RUNNING', `cannot start '${name}': it is ${state} already`, {
        data: { pid: run?.pid ?? null },
      });
    }
    return startLocked(paths, helper, name, locked);
  });
}

/** Files of the run directory that a start writes. */
const START_FILES = ['plan', 'definition.xml', 'state', 'exit'];

async function startLocked(paths: Paths, helper: string, name: string, { dir, lockFd }: LockedContainer) {
  const { spec, record, path } = readSpec('start', paths, name);
  checkStartable(spec);
  const plan = encodePlan(compile(spec, readHostFacts(paths, name), { uuid: record.uuid }));
  removeFiles(dir);
  try {
    await writeFileAtomic(join(dir, 'plan'), plan);
    // What it was started with, whatever is defined while it runs.
    await copyFile(path, join(dir, 'definition.xml'));
    const report = await startByHelper(helper, dir, lockFd);
    if (!report.ok) throw explainStartFailure(spec, report.failure);
    const { state } = statusOf(paths, name);
    return { name, ...report.started, ended: state !== 'running' };
  } catch (error) {
    removeFiles(dir);
    throw error;
  }
}

function removeFiles(dir: string): void {
  for (const file of START_FILES) rmSync(join(dir, file), { recursive: true, force: true });
}
