/** wait: until a container has ended. Carried out by the front door, which needs no clock for it. */
import { findFrontDoor, timeoutArgs } from '../exec/front-door.js';
import { reportByFrontDoor } from '../exec/front-report.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { type ContainerInfo, info } from './info.js';

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
  const door = findFrontDoor(options.helper, openPaths(options));
  const [report] = await reportByFrontDoor(door, ['wait', ...timeoutArgs(options.timeoutMs)], [name]);
  if (report === undefined) throw new RangeError('the front door gave no report');
  if (!report.ok) throw report.error;
  return report.outcome === 'timeout' ? undefined : info(name, options);
}
