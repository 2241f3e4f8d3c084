/** The plans of many containers by one process: after a boot there is none yet. */
import { findHelper } from '../exec/helper.js';
import { debug } from '../system/log.js';
import { compileAhead } from './compiled-plan.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { statusOf } from './reconcile.js';
import { withContainerLock } from './with-lock.js';

/** Compiles each definition, under its container's lock; one that fails, or runs by now, is left to its start. */
export async function compileAheadOfMany(names: readonly string[], options: CtrOptions = {}): Promise<void> {
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  for (const name of names) {
    checkName(name);
    try {
      await withContainerLock(paths, helper, name, async () => {
        if (statusOf(paths, name).run === undefined) await compileAhead(paths, helper, name);
      });
    } catch (error) {
      debug(`compile '${name}': ${String(error)}`);
    }
  }
}
