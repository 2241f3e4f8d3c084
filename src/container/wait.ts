/** wait: until a container has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDefined, notFound } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { type ContainerInfo, info } from './info.js';
import { statusOf } from './reconcile.js';

/** A pidfd would tell at once, but Node has none. In ms. */
const POLL_MS = 50;

export interface WaitOptions extends CtrOptions {
  readonly timeoutMs?: number | undefined;
}

/**
 * Waits until the container does not run and its clean-up is done. One that does not run is no wait.
 *
 * @returns undefined when it still runs after `timeoutMs`
 * @throws CtrError CTR_NOT_FOUND
 */
export async function wait(name: string, options: WaitOptions = {}): Promise<ContainerInfo | undefined> {
  checkName(name);
  const paths = openPaths(options);
  if (!isDefined(paths, name) && statusOf(paths, name).run === undefined) throw notFound('wait for', name);
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    const { state, settling } = statusOf(paths, name);
    if (state !== 'running' && state !== 'paused' && !settling) return info(name, options);
    if (performance.now() >= deadline) return undefined;
    await sleep(POLL_MS);
  }
}
