/** Runs the front door on the caller's own stdin, stdout and stderr. */
import type { ChildProcess } from 'node:child_process';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { exitCodeOf } from './helper.js';

/** The terminal sends these to the front door as well, which knows what to do with them. */
const LEFT_TO_FRONT_DOOR = ['SIGINT', 'SIGQUIT'] as const;

/** These come to us alone. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;

/** Waits for its end and returns its exit status. Signals meanwhile are its business. */
export function runInteractive(door: FrontDoor, args: readonly string[]): Promise<number> {
  const child = spawnFrontDoor(door, args, 'inherit');
  const restore = handleSignals(child);
  return new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(frontDoorError(door, error)));
    child.on('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  }).finally(restore);
}

function handleSignals(child: ChildProcess): () => void {
  const ignore = () => {};
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of LEFT_TO_FRONT_DOOR) process.on(signal, ignore);
  for (const signal of PASSED_ON) process.on(signal, pass);
  return () => {
    for (const signal of LEFT_TO_FRONT_DOOR) process.off(signal, ignore);
    for (const signal of PASSED_ON) process.off(signal, pass);
  };
}
