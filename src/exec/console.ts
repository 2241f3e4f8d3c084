/** `ctr console`: the caller's terminal becomes a console of the container. */
import type { FrontDoor } from './front-door.js';
import { runInteractive } from './interactive.js';

export interface ConsoleRequest {
  /** Which console; 0 is /dev/console. */
  readonly index: number;
  /** Code of the control key that detaches, 0 to 31; 29 is `^]`. */
  readonly escapeCode?: number | undefined;
}

/** Arguments of the front door. Pure. */
export function consoleArgs(name: string, { index, escapeCode }: ConsoleRequest): string[] {
  const key = escapeCode === undefined ? [] : ['--escape', `^${String.fromCharCode(escapeCode ^ 0x40)}`];
  return ['console', '--devname', `console${index}`, ...key, name];
}

/** Attaches until the user detaches or the container ends; returns the exit status. */
export function consoleByFrontDoor(door: FrontDoor, name: string, request: ConsoleRequest): Promise<number> {
  return runInteractive(door, consoleArgs(name, request));
}
