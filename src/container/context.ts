/** What every verb starts from. */
import { homedir } from 'node:os';
import { isContainerName, NAME_RULE } from '../config/name.js';
import { CtrError } from '../errors.js';
import { type Paths, resolvePaths } from '../system/paths.js';

/** Options that every function of the library takes. */
export interface CtrOptions {
  /** Where definitions and root file systems are; default CTR_STATE_DIR, else /var/lib/ctr (an ordinary user: $XDG_DATA_HOME/ctr). */
  readonly stateDir?: string | undefined;
  /** Where plans, state and sockets are; default CTR_RUN_DIR, else /run/ctr (an ordinary user: $XDG_RUNTIME_DIR/ctr). */
  readonly runDir?: string | undefined;
  /** The native helper; default CTR_HELPER, else the one of this package. */
  readonly helper?: string | undefined;
}

/** The directories of these options. */
export function openPaths(options: CtrOptions): Paths {
  return resolvePaths(options, process.env, { uid: process.geteuid?.() ?? 0, home: homedir() });
}

/** @throws CtrError CTR_BAD_NAME */
export function checkName(name: string): void {
  if (isContainerName(name)) return;
  throw new CtrError(
    'CTR_BAD_NAME',
    `cannot use name ${JSON.stringify(name).replaceAll('"', "'")}: a name is ${NAME_RULE}`,
  );
}

/** @param action what needs it: `start containers`. @throws CtrError CTR_NEED_ROOT */
export function requireRoot(action: string): void {
  if (process.geteuid?.() === 0) return;
  throw new CtrError('CTR_NEED_ROOT', `cannot ${action}: this needs root for now`, { hint: 'run it with sudo' });
}
