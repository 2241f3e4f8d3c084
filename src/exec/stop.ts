/** `clone-helper stop`: tells the monitor and waits until it and its clean-up are done. */
import { CtrError } from '../errors.js';
import { type HelperResult, lastLine, runHelper } from './helper.js';

/** `stopped`: by its own decision; `killed`: after the timeout or by force; `not-running`: there was nothing to stop. */
export type StopOutcome = 'stopped' | 'killed' | 'not-running';

const OUTCOMES: readonly string[] = ['stopped', 'killed', 'not-running'] satisfies StopOutcome[];

export interface StopRequest {
  /** Signal number for init; 0: none. */
  readonly signal: number;
  /** How long init may take, in ms. */
  readonly timeoutMs: number;
  /** Kill at once. */
  readonly force: boolean;
}

/** Longer than any wait: 24 days, in ms. */
const NEVER_MS = 0x7fffffff;

/**
 * Stops the container of a run directory.
 *
 * @throws CtrError CTR_STOP_FAILED
 */
export async function stopByHelper(path: string, dir: string, request: StopRequest): Promise<StopOutcome> {
  const args = ['stop', dir, '--signal', String(request.signal), '--timeout', String(request.timeoutMs)];
  return outcomeOf(await runHelper(path, request.force ? [...args, '--force'] : args));
}

function outcomeOf(result: HelperResult): StopOutcome {
  const word = result.stdout.trim();
  if (result.exitCode === 0 && OUTCOMES.includes(word)) return word as StopOutcome;
  throw new CtrError('CTR_STOP_FAILED', lastLine(result.stderr) || `the helper exited with ${result.exitCode}`);
}

/**
 * As `stopByHelper`, but init is never killed: when it is still there after `timeoutMs`, so is the container.
 *
 * @returns undefined when it still runs
 * @throws CtrError CTR_STOP_FAILED
 */
export async function shutDownByHelper(
  path: string,
  dir: string,
  request: Pick<StopRequest, 'signal' | 'timeoutMs'>,
): Promise<StopOutcome | undefined> {
  // The helper sends the signal and then only waits: ending it takes nothing back.
  const args = ['stop', dir, '--signal', String(request.signal), '--timeout', String(NEVER_MS)];
  const limit = AbortSignal.timeout(request.timeoutMs);
  const result = await runHelper(path, args, { signal: limit });
  if (limit.aborted && result.exitCode !== 0) return undefined;
  return outcomeOf(result);
}
