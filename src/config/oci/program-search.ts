import { posix } from 'node:path';

/** What a search goes through when the environment has no PATH. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Program {
  readonly path: string;
  readonly fallbacks?: readonly string[];
}

/**
 * Where argv[0] may be, as execvp(3) looks: with a '/' it is a path, relative to the working directory; without, it is in a
 * directory of PATH.
 */
export function searchProgram(
  argv0: string,
  env: readonly { readonly name: string; readonly value: string }[],
  dir: string,
): Program {
  if (argv0.startsWith('/')) return { path: argv0 };
  if (argv0.includes('/')) return { path: posix.resolve(dir, argv0) };
  const folders = (env.findLast(({ name }) => name === 'PATH')?.value ?? DEFAULT_PATH).split(':');
  const [path = `/${argv0}`, ...fallbacks] = new Set(folders.map((folder) => posix.resolve('/', dir, folder, argv0)));
  return fallbacks.length === 0 ? { path } : { path, fallbacks };
}

/** What stands as argv[0] for a program: the name that a search finds it by, else its path. */
export function writeArgv0(
  { argv0, path, fallbacks }: Program & { readonly argv0?: string },
  env: readonly { readonly name: string; readonly value: string }[],
  dir: string,
): string {
  if (argv0 === undefined || argv0 === '') return path;
  const found = searchProgram(argv0, env, dir);
  return found.path === path && String(found.fallbacks) === String(fallbacks) ? argv0 : path;
}
