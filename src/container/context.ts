/** What every verb starts from. */
import { lstatSync } from 'node:fs';
import { isContainerName, NAME_RULE } from '../config/name.js';
import { CtrError } from '../errors.js';
import { absolute, type Paths, resolvePaths } from '../system/paths.js';
import { isPrivateDir } from '../system/private-dir.js';

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
  const { env } = process;
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return resolvePaths(options, env, { uid, home: '/root' });
  const home = absolute(env.HOME);
  if (home === undefined && !absolute(env.XDG_DATA_HOME) && !(options.stateDir || env.CTR_STATE_DIR)) {
    throw new CtrError('CTR_IO', 'cannot find the state directory: HOME names no directory', {
      hint: 'HOME, XDG_DATA_HOME or CTR_STATE_DIR names it',
    });
  }
  const given = absolute(env.XDG_RUNTIME_DIR);
  const runtimeDir = given !== undefined && isPrivateDir(given) ? given : undefined;
  const paths = resolvePaths(options, env, { uid, home: home ?? '/', runtimeDir });
  if (paths.runDir === `/tmp/ctr-${uid}`) checkOwnDir(paths.runDir);
  return paths;
}

/** Anybody may have put it there. */
function checkOwnDir(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined || isPrivateDir(path)) return;
  const message = `cannot use directory '${path}': it is not a directory of yours alone (mode 0700)`;
  throw new CtrError('CTR_IO', message, { hint: 'XDG_RUNTIME_DIR or CTR_RUN_DIR names another one' });
}

/** @throws CtrError CTR_BAD_NAME */
export function checkName(name: string): void {
  if (isContainerName(name)) return;
  throw new CtrError(
    'CTR_BAD_NAME',
    `cannot use name ${JSON.stringify(name).replaceAll('"', "'")}: a name is ${NAME_RULE}`,
  );
}

/** @throws CtrError CTR_NEED_ROOT for what an ordinary user cannot have yet */
export function requireRoot(action: string): void {
  if (process.geteuid?.() === 0) return;
  throw new CtrError('CTR_NEED_ROOT', `cannot ${action}: this needs root for now`, { hint: 'run it with sudo' });
}
