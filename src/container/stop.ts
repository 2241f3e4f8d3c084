/** stop, shutdown, destroy: three ways to end a running container. Carried out by the front door. */
import { findFrontDoor, timeoutArgs } from '../exec/front-door.js';
import { reportByFrontDoor } from '../exec/front-report.js';
import { type CtrOptions, checkName, openPaths } from './context.js';

export interface StopOptions extends CtrOptions {
  /** How long init may take before it is killed, in ms; default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** Kill at once. */
  readonly force?: boolean | undefined;
}

export interface Stopped {
  readonly name: string;
  /** `stopped`: init ended when asked to; `killed`: it did not, or was not asked. */
  readonly outcome: 'stopped' | 'killed';
}

/**
 * Asks init to end, by the definition's stop signal or the one that its program understands, and kills it when it has
 * not in time. Returns when nothing of the container is left. Never leads to a restart.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING, CTR_STOP_FAILED
 */
export async function stop(name: string, options: StopOptions = {}): Promise<Stopped> {
  return end(name, options, ['stop', ...timeoutArgs(options.timeoutMs), ...(options.force ? ['--force'] : [])]);
}

/** Kills the container at once. @throws as `stop` */
export async function destroy(name: string, options: CtrOptions = {}): Promise<Stopped> {
  return end(name, options, ['destroy']);
}

export interface ShutdownOptions extends CtrOptions {
  /** How long to wait for the end, in ms; default 60 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Asks init to end and waits, without ever killing it.
 *
 * @throws CtrError CTR_STOP_FAILED when it still runs after the time, or listens to no signal; else as `stop`
 */
export async function shutdown(name: string, options: ShutdownOptions = {}): Promise<Stopped> {
  return end(name, options, ['shutdown', ...timeoutArgs(options.timeoutMs)]);
}

async function end(name: string, options: CtrOptions, args: readonly string[]): Promise<Stopped> {
  checkName(name);
  const [report] = await reportByFrontDoor(findFrontDoor(options.helper, openPaths(options)), args, [name]);
  if (report === undefined) throw new RangeError('the front door gave no report');
  if (!report.ok) throw report.error;
  return { name, outcome: report.outcome === 'stopped' ? 'stopped' : 'killed' };
}
