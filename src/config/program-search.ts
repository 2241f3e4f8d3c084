/** Programs by their names, as execvp(3) finds them. Pure. */
import { posix } from 'node:path';

export interface Program {
  readonly path: string;
  readonly fallbacks?: readonly string[];
}

export interface Search {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Working directory, absolute. */
  readonly dir: string;
  /** What is searched where the environment has no PATH. */
  readonly path: string;
}

/**
 * Where argv[0] may be, as execvp(3) looks: with a '/' it is a path, relative to the working directory; without, it is in a
 * directory of PATH.
 */
export function searchProgram(argv0: string, { env, dir, path: usualPath }: Search): Program {
  if (argv0.startsWith('/')) return { path: argv0 };
  if (argv0.includes('/')) return { path: posix.resolve(dir, argv0) };
  const folders = (env.findLast(({ name }) => name === 'PATH')?.value ?? usualPath).split(':');
  const [path = `/${argv0}`, ...fallbacks] = new Set(folders.map((folder) => posix.resolve('/', dir, folder, argv0)));
  return fallbacks.length === 0 ? { path } : { path, fallbacks };
}

/** What stands as argv[0] for a program: the name that a search finds it by, else its path. */
export function writeArgv0({ argv0, path, fallbacks }: Program & { readonly argv0?: string }, search: Search): string {
  if (argv0 === undefined || argv0 === '') return pickProgram(path, fallbacks);
  const found = searchProgram(argv0, search);
  const isFound = found.path === path && String(found.fallbacks) === String(fallbacks);
  return isFound ? argv0 : pickProgram(path, fallbacks);
}

/** Of several inits the one that each system has: distributions with systemd link it. */
const USUAL_INIT = '/sbin/init';

function pickProgram(path: string, fallbacks: Program['fallbacks'] = []): string {
  return fallbacks.includes(USUAL_INIT) ? USUAL_INIT : path;
}
