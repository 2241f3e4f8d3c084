/** Why a start failed, for people. */
import type { CtrError } from '../errors.js';
import { checkStartable } from './check-startable.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { readSpec } from './read-spec.js';
import { explainStartFailure, parseStartFailure } from './start-failure.js';

/**
 * The error of a start that the helper gave up.
 *
 * @param failure the helper's report: a JSON object with step, call, errno, errnoName, object, message
 * @throws CtrError CTR_START_FAILED in better words, when the root file system tells them; CTR_NOT_FOUND, CTR_BAD_CONFIG
 */
export function explainStart(name: string, failure: string, options: CtrOptions = {}): CtrError {
  checkName(name);
  const { spec } = readSpec('start', openPaths(options), name);
  checkStartable(spec);
  return explainStartFailure(spec, parseStartFailure(failure));
}
