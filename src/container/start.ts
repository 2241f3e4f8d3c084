/** start: from a definition to a running container. Carried out by the front door, from the compiled plan. */
import type { CtrError } from '../errors.js';
import { findFrontDoor } from '../exec/front-door.js';
import { type FrontReport, reportByFrontDoor } from '../exec/front-report.js';
import { type CtrOptions, checkName, openPaths } from './context.js';

export interface StartedContainer {
  readonly name: string;
  /** init, as the host sees it. */
  readonly pid: number;
  readonly monitorPid: number;
  /** It has ended already; `info` says how. */
  readonly ended: boolean;
}

/**
 * Starts a defined container and returns once its init runs. Whatever an earlier run left is taken away first.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_RUNNING, CTR_LOCKED, CTR_START_FAILED (`data`: step, call, errno, object), CTR_UNSUPPORTED,
 *   CTR_BAD_CONFIG; nothing is left behind then
 */
export async function start(name: string, options: CtrOptions = {}): Promise<StartedContainer> {
  const [result] = await startMany([name], options);
  if (result === undefined) throw new RangeError('startMany gave no result');
  if (!result.ok) throw result.error;
  return result.started;
}

export interface StartManyOptions extends CtrOptions {
  /** How many are started at a time, 1 to 256; default 1. */
  readonly jobs?: number | undefined;
}

export type StartResult =
  | { readonly name: string; readonly ok: true; readonly started: StartedContainer }
  | { readonly name: string; readonly ok: false; readonly error: CtrError };

/**
 * Starts many defined containers by one process. A start that fails does not stop the others.
 *
 * @returns a result for each name, in their order; the errors are those of `start`
 * @throws CtrError CTR_BAD_NAME before anything is started, CTR_HELPER
 */
export async function startMany(names: readonly string[], options: StartManyOptions = {}): Promise<StartResult[]> {
  for (const name of names) checkName(name);
  if (names.length === 0) return [];
  const jobs = options.jobs === undefined ? [] : ['--jobs', String(options.jobs)];
  const door = findFrontDoor(options.helper, openPaths(options));
  const reports = await reportByFrontDoor(door, ['start', ...jobs], names);
  return reports.map(resultOf);
}

function resultOf(report: FrontReport): StartResult {
  if (!report.ok) return report;
  const { name, pid = 0, monitorPid = 0, ended = false } = report;
  return { name, ok: true, started: { name, pid, monitorPid, ended } };
}
