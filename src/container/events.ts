/** events: what happens to containers, as it happens. Told by the front door, which the kernel tells. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CtrError } from '../errors.js';
import { findFrontDoor, frontDoorError, spawnFrontDoor } from '../exec/front-door.js';
import type { ExitReason } from '../state/records.js';
import { type CtrOptions, openPaths } from './context.js';

export type EventName =
  | 'define'
  | 'undefine'
  | 'start'
  | 'restart'
  | 'freeze'
  | 'thaw'
  | 'oom'
  | 'exit'
  | 'stop'
  | 'crash';

export interface ContainerEvent {
  /** ISO 8601. */
  readonly time: string;
  readonly name: string;
  readonly event: EventName;
  /** `start`, `restart`: init, as the host sees it. */
  readonly pid?: number;
  /** `exit`: how init ended. */
  readonly reason?: ExitReason;
  readonly status?: number;
  readonly signal?: number;
  /** `oom`: how many processes the kernel has killed in this run. */
  readonly kills?: number;
}

export interface EventsOptions extends CtrOptions {
  /** Names, also of containers yet to come, or patterns with `*`, `?` and `[…]`; default all. */
  readonly names?: readonly string[] | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * An endless stream; leaving the loop ends it. What happened before is no event.
 *
 * @throws CtrError CTR_BAD_NAME, CTR_HELPER, CTR_IO
 * @example for await (const { name, event } of events()) console.log(name, event);
 */
export async function* events(options: EventsOptions = {}): AsyncGenerator<ContainerEvent, void, undefined> {
  const door = findFrontDoor(options.helper, openPaths(options));
  const child = spawnFrontDoor(door, ['events', '--json', '--', ...(options.names ?? [])], ['ignore', 'pipe', 'pipe']);
  const abort = () => void child.kill('SIGTERM');
  const ended = once(child, 'close').catch((error) => {
    throw frontDoorError(door, error);
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 4096);
  });
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    if (child.stdout !== null && options.signal?.aborted !== true) {
      for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as ContainerEvent;
    }
    if (options.signal?.aborted === true) return;
    await ended;
    const [message = 'it ended', hint] = said.trim().split('\nhint: ');
    throw new CtrError('CTR_IO', message.replace(/^ctr: /, ''), hint === undefined ? {} : { hint });
  } finally {
    options.signal?.removeEventListener('abort', abort);
    child.kill('SIGTERM');
  }
}
