/** Where ctr keeps its files; native/front-place.c has the same rules. Pure: environment and user come in. */
import { join, resolve } from 'node:path';

/** The two roots and what follows from them. All paths are absolute. */
export interface Paths {
  /** What survives a reboot: definitions, root file systems, console logs. */
  readonly stateDir: string;
  /** What does not: plans, state, sockets, locks. */
  readonly runDir: string;
  /** What the cgroups of this run directory's containers begin with: `ctr`, or `ctr-HASH` of another one than the usual. */
  readonly cgroupPrefix: string;
}

export interface PathOptions {
  readonly stateDir?: string | undefined;
  readonly runDir?: string | undefined;
}

export interface PathUser {
  readonly uid: number;
  readonly home: string;
  /** $XDG_RUNTIME_DIR, when it is a directory of the user's alone. */
  readonly runtimeDir?: string | undefined;
}

const ROOT_STATE_DIR = '/var/lib/ctr';
const ROOT_RUN_DIR = '/run/ctr';

/**
 * The directories of a user: the options, else CTR_STATE_DIR and CTR_RUN_DIR, else root's or the XDG base directories'
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function resolvePaths(
  options: PathOptions,
  env: Readonly<Record<string, string | undefined>>,
  user: PathUser,
): Paths {
  const defaultRunDir = user.uid === 0 ? ROOT_RUN_DIR : userRunDir(user);
  const defaultStateDir =
    user.uid === 0 ? ROOT_STATE_DIR : join(absolute(env.XDG_DATA_HOME) ?? join(user.home, '.local/share'), 'ctr');
  const runDir = resolve(options.runDir || env.CTR_RUN_DIR || defaultRunDir);
  return {
    stateDir: resolve(options.stateDir || env.CTR_STATE_DIR || defaultStateDir),
    runDir,
    cgroupPrefix: runDir === defaultRunDir ? 'ctr' : `ctr-${shortHash(runDir)}`,
  };
}

/** Without a directory of the user's own that ends with his last log-in: one that has to be looked at, since anybody may make it. */
function userRunDir({ uid, runtimeDir }: PathUser): string {
  return runtimeDir === undefined ? `/tmp/ctr-${uid}` : join(runtimeDir, 'ctr');
}

/** What is not absolute counts as not set (XDG base directory specification). */
export function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

/**
 * 8 hex digits: two run directories do not share a cgroup, and the name says nothing about either. FNV-1a, since loading
 * node:crypto costs 2 ms in every command.
 */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** Directory of one container below the state directory. */
export function containerStateDir(paths: Paths, name: string): string {
  return join(paths.stateDir, 'containers', name);
}

/** Directory of one container below the run directory. */
export function containerRunDir(paths: Paths, name: string): string {
  return join(paths.runDir, 'containers', name);
}
