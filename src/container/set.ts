/** set: limits of a running container, of a definition, or of both. */
import { type Assignments, listLimits, parseAssignments } from '../config/index.js';
import { CtrError } from '../errors.js';
import { findHelper } from '../exec/helper.js';
import { isDefined, notFound } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { loadFormatsOf } from './load-formats-of.js';
import { readSpec } from './read-spec.js';
import { statusOf } from './reconcile.js';
import { readRunningSpec } from './running-spec.js';
import { planConfigLimits, storeConfigLimits } from './set-config.js';
import { setLive } from './set-live.js';

export interface SetOptions extends CtrOptions {
  /** The running container: until it stops. */
  readonly live?: boolean | undefined;
  /** The definition: from the next start on. Without either: the running container, or the definition where it does not run. */
  readonly config?: boolean | undefined;
}

export interface LimitSet {
  readonly name: string;
  readonly live: boolean;
  readonly config: boolean;
  /** What else there is to say, one line each. */
  readonly notes: readonly string[];
}

export interface Limit {
  readonly key: string;
  /** As `set` takes it. */
  readonly value: string;
}

/**
 * Changes limits: all of those that are given, or none. Keys and values are those of docs/reference/limits.md; `max` takes a limit away.
 *
 * @param limits `{ memory: '96M', pids: '100' }`, or words like `memory=96M`
 * @throws CtrError CTR_BAD_LIMIT (key, value, less than is used), CTR_NOT_FOUND, CTR_NOT_RUNNING (live), CTR_UNSUPPORTED (a controller is
 *   missing), CTR_BAD_CONFIG, CTR_LOCKED, CTR_IO
 */
export async function set(
  name: string,
  limits: Readonly<Record<string, string>> | readonly string[],
  options: SetOptions = {},
): Promise<LimitSet> {
  checkName(name);
  const assignments: Assignments = isWords(limits) ? parseAssignments(limits) : Object.entries(limits);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const isUp = looksUp(name, options);
  const { live, config } = choose(options, isUp);
  if (live && !isUp) {
    if (!isDefined(paths, name)) throw notFound('set limits of', name);
    throw new CtrError('CTR_NOT_RUNNING', `cannot set limits of '${name}' as it runs: it is not running`, {
      hint: '--config changes its definition',
    });
  }
  await loadFormatsOf(name, options);
  // What one of the two refuses changes neither.
  const planned = config ? planConfigLimits(paths, name, assignments) : undefined;
  if (live) await setLive(paths, helper, name, assignments);
  const notes = planned === undefined ? [] : await storeConfigLimits(paths, helper, name, planned);
  return { name, live, config, notes };
}

/**
 * The limits there are: of the running container, or of the definition where it does not run or `config` asks for it.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_CONFIG, CTR_BAD_STATE
 */
export async function limits(name: string, options: SetOptions = {}): Promise<readonly Limit[]> {
  checkName(name);
  const paths = openPaths(options);
  const { live } = choose(options, looksUp(name, options));
  await loadFormatsOf(name, options);
  const running = live ? readRunningSpec(paths, name) : undefined;
  return listLimits(running ?? readSpec('show limits of', paths, name).spec);
}

function isWords(limits: Readonly<Record<string, string>> | readonly string[]): limits is readonly string[] {
  return Array.isArray(limits);
}

function looksUp(name: string, options: CtrOptions): boolean {
  const { state } = statusOf(openPaths(options), name);
  return state === 'running' || state === 'paused';
}

function choose({ live = false, config = false }: SetOptions, isUp: boolean): { live: boolean; config: boolean } {
  return live || config ? { live, config } : { live: isUp, config: !isUp };
}
