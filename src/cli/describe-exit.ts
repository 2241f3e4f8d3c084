/** How a container ended, for `wait`, `info` and `start`. Pure. */
import { type ContainerInfo, describeExit } from '../container/info.js';

/** In words; the state where there was no end to tell of. */
export function describeEnd({ exit, reason, state }: Pick<ContainerInfo, 'exit' | 'reason' | 'state'>): string {
  return exit === undefined ? (reason ?? state) : describeExit(exit);
}

/** Signals that the init of a container only ends by when reboot(2) was called inside: SIGHUP, SIGINT. */
const REBOOT_SIGNALS: readonly number[] = [1, 2];

/** As a shell would say; a container that powered off, or never ran, ended well. */
export function exitStatusOfContainer({ exit }: Pick<ContainerInfo, 'exit'>): number {
  if (exit === undefined || (exit.signal !== undefined && REBOOT_SIGNALS.includes(exit.signal))) return 0;
  if (exit.reason === 'lost' || exit.reason === 'failed') return 1;
  return exit.signal === undefined ? (exit.status ?? 0) : 128 + exit.signal;
}
