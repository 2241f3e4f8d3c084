/** How a container ended. Pure. */
import type { ContainerInfo, ExitInfo } from '../container/info.js';

const WORDS: Partial<Record<ExitInfo['reason'], string>> = {
  oom: 'out of memory',
  poweroff: 'powered off',
  reboot: 'rebooted',
  lost: 'monitor lost',
  failed: 'restart failed',
};

/** `exit status 3`, `killed by signal KILL`, `stopped`, … */
export function describeExit({ exit, reason, state }: Pick<ContainerInfo, 'exit' | 'reason' | 'state'>): string {
  if (exit === undefined) return reason ?? state;
  const word = WORDS[exit.reason];
  if (word !== undefined) return word;
  const how = exit.signal === undefined ? `exit status ${exit.status ?? 0}` : `killed by signal ${exit.signalName}`;
  return exit.reason === 'stopped' ? `stopped, ${how}` : how;
}

/** As a shell would say; a container that powered off, or never ran, ended well. */
export function exitStatusOfContainer({ exit }: Pick<ContainerInfo, 'exit'>): number {
  if (exit === undefined || exit.reason === 'poweroff' || exit.reason === 'reboot') return 0;
  if (exit.reason === 'lost' || exit.reason === 'failed') return 1;
  return exit.signal === undefined ? (exit.status ?? 0) : 128 + exit.signal;
}
