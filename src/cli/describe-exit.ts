/** How a container ended. Pure. */
import { type ContainerInfo, describeExit } from '../container/info.js';

/** In words; the state where there was no end to tell of. */
export function describeEnd({ exit, reason, state }: Pick<ContainerInfo, 'exit' | 'reason' | 'state'>): string {
  return exit === undefined ? (reason ?? state) : describeExit(exit);
}
