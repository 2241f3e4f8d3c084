/** Runs a helper command on the caller's own stdin, stdout and stderr. */
import type { ChildProcess } from 'node:child_process';
import { exitCodeOf, helperError, spawnHelper } from './helper.js';

/** The terminal sends these to the helper as well, which knows what to do with them. */
const LEFT_TO_HELPER = ['SIGINT', 'SIGQUIT'] as const;

/** These come to us alone. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;

/** Waits for the helper's end and returns its exit status. Signals meanwhile are the helper's business. */
export function runInteractive(path: string, args: readonly string[]): Promise<number> {
  const child = spawnHelper(path, args, 'inherit');
  const restore = handleSignals(child);
  return new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(helperError(path, error)));
    child.on('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  }).finally(restore);
}

function handleSignals(child: ChildProcess): () => void {
  const ignore = () => {};
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of LEFT_TO_HELPER) process.on(signal, ignore);
  for (const signal of PASSED_ON) process.on(signal, pass);
  return () => {
    for (const signal of LEFT_TO_HELPER) process.off(signal, ignore);
    for (const signal of PASSED_ON) process.off(signal, pass);
  };
}
