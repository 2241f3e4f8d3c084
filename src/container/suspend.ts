/** suspend, resume: by the freezer of a container's cgroup. Carried out by the front door. */
import { findFrontDoor, timeoutArgs } from '../exec/front-door.js';
import { reportByFrontDoor } from '../exec/front-report.js';
import { type CtrOptions, checkName, openPaths } from './context.js';

export interface SuspendOptions extends CtrOptions {
  /** How long it may take until no process of it runs, in ms; default 10 s. It goes on as it was when that is not enough. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Pauses a container: no process of it runs until it is resumed. One that is paused already is no error.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING, CTR_FREEZE_FAILED (not in time), CTR_UNSUPPORTED (no freezer), CTR_LOCKED
 */
export async function suspend(name: string, options: SuspendOptions = {}): Promise<void> {
  await freeze(name, options, ['suspend', ...timeoutArgs(options.timeoutMs)]);
}

/** Lets a paused container go on. @throws CtrError CTR_NOT_PAUSED; CTR_FREEZE_FAILED (a group above it is frozen); else as `suspend` */
export async function resume(name: string, options: CtrOptions = {}): Promise<void> {
  await freeze(name, options, ['resume']);
}

async function freeze(name: string, options: CtrOptions, args: readonly string[]): Promise<void> {
  checkName(name);
  const [report] = await reportByFrontDoor(findFrontDoor(options.helper, openPaths(options)), args, [name]);
  if (report === undefined) throw new RangeError('the front door gave no report');
  if (!report.ok) throw report.error;
}
