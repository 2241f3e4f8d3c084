/** Why a start failed, for people. */
import type { CtrError } from '../errors.js';
import { isDefined } from '../state/store.js';
import { type Mount, mountsBelow } from '../system/mountinfo.js';
import { readMounts } from '../system/procfs.js';
import { checkStartable } from './check-startable.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { readSpec } from './read-spec.js';
import { explainStartFailure, ID_MAPPING, parseStartFailure, type StartFailure } from './start-failure.js';

/**
 * The error of a start that the helper gave up.
 *
 * @param failure the helper's report: a JSON object with step, call, errno, errnoName, object, message
 * @throws CtrError CTR_START_FAILED in better words, when the root file system tells them; CTR_NOT_FOUND, CTR_BAD_CONFIG
 */
export function explainStart(name: string, failure: string, options: CtrOptions = {}): CtrError {
  checkName(name);
  const paths = openPaths(options);
  // A run's name is nobody else's.
  if (!isDefined(paths, name)) return explainRun(failure);
  const { spec } = readSpec('start', paths, name);
  checkStartable(spec);
  const parsed = parseStartFailure(failure);
  return explainStartFailure(spec, parsed, fstypeOf(parsed));
}

/** The same of a run. @param failure the helper's report */
export function explainRun(failure: string): CtrError {
  const parsed = parseStartFailure(failure);
  return explainStartFailure(undefined, parsed, fstypeOf(parsed));
}

/** What the file system is that takes no id-mapped mount; undefined for any other failure. */
function fstypeOf({ call, object }: StartFailure): string | undefined {
  return call === ID_MAPPING && object.startsWith('/') ? findFstype(object) : undefined;
}

/** The file system that a path lies on, as the kernel calls it. */
function findFstype(path: string): string | undefined {
  const holds = ({ mountpoint }: Mount) => mountsBelow([{ mountpoint: path } as Mount], mountpoint).length > 0;
  // Of mounts that hold it, the deepest; of those on one place, the last.
  return readMounts()
    .filter(holds)
    .toSorted((a, b) => a.mountpoint.length - b.mountpoint.length)
    .at(-1)?.fstype;
}
