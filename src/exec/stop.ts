/** `clone-helper stop`: tells the monitor and waits until it and its clean-up are done. */
import { CtrError } from '../errors.js';
import { lastLine, runHelper } from './helper.js';

/** `stopped`: by its own decision; `killed`: after the timeout or by force; `not-running`: there was nothing to stop. */
export type StopOutcome = 'stopped' | 'killed' | 'not-running';

const OUTCOMES: readonly string[] = ['stopped', 'killed', 'not-running'] satisfies StopOutcome[];

export interface StopRequest {
  /** Signal number for init; 0: none. */
  readonly signal: number;
  /** How long init may take, in ms. */
  readonly timeoutMs: number;
  /** Kill init when the time is over; without it one that goes on is a failure. */
  readonly force: boolean;
}

/**
 * Stops the container of a run directory.
 *
 * @throws CtrError CTR_STOP_FAILED
 */
export async function stopByHelper(path: string, dir: string, request: StopRequest): Promise<StopOutcome> {
  const args = ['stop', dir, '--signal', String(request.signal), '--timeout', String(request.timeoutMs)];
  const result = await runHelper(path, request.force ? [...args, '--force'] : args);
  const word = result.stdout.trim();
  if (result.exitCode === 0 && OUTCOMES.includes(word)) return word as StopOutcome;
  throw new CtrError(
    'CTR_STOP_FAILED',
    lastLine(result.stderr).replace(/^cannot stop '[^']*': /, '') || `the helper exited with ${result.exitCode}`,
  );
}
