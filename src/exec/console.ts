/** `clone-helper console`: the caller's terminal becomes a console of the container. */
import { runInteractive } from './interactive.js';

export interface ConsoleRequest {
  /** Which console; 0 is /dev/console. */
  readonly index: number;
  /** Code of the key that detaches; 29 is `^]`. */
  readonly escapeCode?: number;
}

/** Attaches until the user detaches or the container ends; returns the exit status. */
export function consoleByHelper(path: string, dir: string, request: ConsoleRequest): Promise<number> {
  const args = ['console', dir, '--index', String(request.index)];
  if (request.escapeCode !== undefined) args.push('--escape', String(request.escapeCode));
  return runInteractive(path, args);
}
