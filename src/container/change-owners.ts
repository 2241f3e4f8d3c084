/** `--ownership chown`: what a file system without id-mapped mounts needs instead. */
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { chownByHelper } from '../exec/chown.js';
import { formatContainerRecord } from '../state/container-record.js';
import { readDefinition } from '../state/store.js';
import { writeFileAtomic } from '../system/atomic-file.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { compileAhead } from './compiled-plan.js';
import type { OwnedRoot } from './owned-root.js';
import { reconcile } from './reconcile.js';
import { withContainerLock } from './with-lock.js';

/**
 * Gives the files of a defined container's root to its ids on the host. Until that is finished no start is possible: the record
 * says so, and the same command goes on after whatever has stopped it.
 *
 * @throws CtrError CTR_RUNNING, CTR_IO
 */
export async function changeOwners(paths: Paths, helper: string, name: string, { root, ranges }: OwnedRoot) {
  await withContainerLock(paths, helper, name, async () => {
    const { state } = await reconcile(paths, helper, name);
    if (state === 'running' || state === 'paused')
      throw new CtrError('CTR_RUNNING', `cannot change the owners of '${root}': '${name}' is ${state}`, {
        hint: `ctr stop ${name}`,
      });
    const dir = containerStateDir(paths, name);
    await chownByHelper(helper, root, join(dir, 'chown.journal'), ranges);
    const { record } = readDefinition('define', paths, name);
    await writeFileAtomic(
      join(dir, 'container.json'),
      formatContainerRecord({ ...record, owned: { root, done: true } }),
    );
    await compileAhead(paths, helper, name);
  });
}
