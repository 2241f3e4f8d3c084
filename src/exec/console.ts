/** `ctr console`: the caller's terminal becomes a console of the container. */
import type { Readable, Writable } from 'node:stream';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { collect, exitCodeOf, lastLine } from './helper.js';
import { runInteractive } from './interactive.js';

export interface ConsoleRequest {
  /** Which console; 0 is /dev/console. */
  readonly index: number;
  /** Code of the control key that detaches, 0 to 31; 29 is `^]`. */
  readonly escapeCode?: number | undefined;
  /** Types from now on, whoever did so far. */
  readonly take?: boolean | undefined;
  /** Looks on, and types nothing. */
  readonly watch?: boolean | undefined;
}

/** Arguments of the front door. Pure. */
export function consoleArgs(name: string, { index, escapeCode, take, watch }: ConsoleRequest): string[] {
  const key = escapeCode === undefined ? [] : ['--escape', `^${String.fromCharCode(escapeCode ^ 0x40)}`];
  const role = [...(take ? ['--take'] : []), ...(watch ? ['--watch'] : [])];
  return ['console', '--devname', `console${index}`, ...key, ...role, name];
}

/** Attaches until the user detaches or the container ends; returns the exit status. */
export function consoleByFrontDoor(door: FrontDoor, name: string, request: ConsoleRequest): Promise<number> {
  return runInteractive(door, consoleArgs(name, request));
}

export interface ConsoleStreams {
  /** What is typed there. Its end leaves the console once that has been silent for half a second. */
  readonly input: Writable;
  /** What it says, its last lines first. */
  readonly output: Readable;
  /** Leaves it; nothing is ended. */
  readonly close: () => void;
  /** Left, or its container has ended: the exit status, and what `ctr` had to say last when that is not 0. */
  readonly closed: Promise<{ readonly exitCode: number; readonly reason: string }>;
}

/** Attaches a program instead of a terminal. */
export function connectConsole(door: FrontDoor, name: string, request: ConsoleRequest): ConsoleStreams {
  const child = spawnFrontDoor(door, consoleArgs(name, request), ['pipe', 'pipe', 'pipe']);
  const [input, output, stderr] = child.stdio as unknown as [Writable, Readable, Readable];
  const said = collect(stderr);
  let left = false;
  input.on('error', () => {});
  return {
    input,
    output,
    close: () => {
      left = child.kill('SIGTERM');
    },
    closed: new Promise((resolve, reject) => {
      child.on('error', (error) => reject(frontDoorError(door, error)));
      child.on('close', (code, signal) => {
        const exitCode = left ? 0 : exitCodeOf(code, signal);
        resolve({ exitCode, reason: exitCode === 0 ? '' : lastLine(said()) });
      });
    }),
  };
}
