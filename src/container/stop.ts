/** stop, shutdown, destroy: three ways to end a running container. */
import { CtrError } from '../errors.js';
import { findHelper } from '../exec/helper.js';
import { type StopOutcome, stopByHelper } from '../exec/stop.js';
import type { ContainerStatus } from '../state/read-state.js';
import { isDefined, notFound } from '../state/store.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { readProcessIdentity } from '../system/procfs.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { reconcile, statusOf } from './reconcile.js';
import { readRunningSpec } from './running-spec.js';
import { chooseStopSignal } from './stop-signal.js';
import { withContainerLock } from './with-lock.js';

const STOP_TIMEOUT_MS = 10_000;
const SHUTDOWN_TIMEOUT_MS = 60_000;

/** No signal, no time. */
const KILL = { signal: 0, timeoutMs: 0, force: true };

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
  const { force = false, timeoutMs = STOP_TIMEOUT_MS } = options;
  return end('stop', name, options, (helper, paths, status) => {
    const signal = force ? undefined : stopSignalOf(paths, name, status);
    // Nobody waits for an init that does not listen.
    const request = signal === undefined ? KILL : { signal, timeoutMs, force: true };
    return stopByHelper(helper, containerRunDir(paths, name), request);
  });
}

/** Kills the container at once. @throws as `stop` */
export async function destroy(name: string, options: CtrOptions = {}): Promise<Stopped> {
  return end('destroy', name, options, (helper, paths) => stopByHelper(helper, containerRunDir(paths, name), KILL));
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
  const { timeoutMs = SHUTDOWN_TIMEOUT_MS } = options;
  return end('shut down', name, options, async (helper, paths, status) => {
    const signal = stopSignalOf(paths, name, status);
    if (signal === undefined) throw new CtrError('CTR_STOP_FAILED', 'its init listens to no stop signal');
    return stopByHelper(helper, containerRunDir(paths, name), { signal, timeoutMs, force: false });
  });
}

/** Common to all: find it running, let the helper end it, and say how it went. */
async function end(
  verb: string,
  name: string,
  options: CtrOptions,
  act: (helper: string, paths: Paths, status: ContainerStatus) => Promise<StopOutcome>,
): Promise<Stopped> {
  checkName(name);
  requireRoot(`${verb} containers`);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const status = await findRunning(verb, paths, helper, name);
  if (status === 'ended') return { name, outcome: 'killed' };
  const outcome = await act(helper, paths, status).catch((error: CtrError) => {
    throw new CtrError('CTR_STOP_FAILED', `cannot ${verb} '${name}': ${error.message}`, {
      cause: error,
      ...(verb === 'shut down' ? { hint: `ctr stop ${name} kills it when it does not end` } : {}),
    });
  });
  return { name, outcome: await finish(verb, paths, helper, name, outcome) };
}

/**
 * The state of a running container; `ended` when it was one without a monitor, which is taken away here. Without the lock
 * when it clearly runs (a stop must not wait for a stop), with it when a start may be under way.
 */
async function findRunning(
  verb: string,
  paths: Paths,
  helper: string,
  name: string,
): Promise<ContainerStatus | 'ended'> {
  const seen = statusOf(paths, name);
  if (isUp(seen)) return seen;
  if (!isDefined(paths, name) && seen.run === undefined && !seen.remains) throw notFound(verb, name);
  return withContainerLock(paths, helper, name, async () => {
    const before = statusOf(paths, name);
    const status = await reconcile(paths, helper, name);
    if (isUp(status)) return status;
    if (before.remains && before.initAlive) return 'ended';
    throw new CtrError('CTR_NOT_RUNNING', `cannot ${verb} '${name}': it is not running`);
  });
}

function isUp({ state }: ContainerStatus): boolean {
  return state === 'running' || state === 'paused';
}

/** A monitor that was killed meanwhile leaves things to take away. */
async function finish(verb: string, paths: Paths, helper: string, name: string, outcome: StopOutcome) {
  if (statusOf(paths, name).remains) {
    await withContainerLock(paths, helper, name, () => reconcile(paths, helper, name));
    return 'killed';
  }
  if (outcome !== 'not-running') return outcome;
  throw new CtrError('CTR_NOT_RUNNING', `cannot ${verb} '${name}': it ended by itself meanwhile`);
}

/** The number to send; undefined when init listens to none. */
export function stopSignalOf(paths: Paths, name: string, status: ContainerStatus): number | undefined {
  const configured = readRunningSpec(paths, name)?.lifecycle.stopSignal;
  const init = status.run === undefined ? undefined : readProcessIdentity(status.run.pid);
  return chooseStopSignal(configured, init);
}
