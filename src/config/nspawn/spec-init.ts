/** Settings about the first process, as the model says them and back. */
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ContainerSpec, InitSpec } from '../spec.js';
import type { Settings } from './settings.js';

type Variable = InitSpec['env'][number];
type Program = Pick<InitSpec, 'path' | 'fallbacks' | 'argv0'>;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const INIT_SYSTEM: Program = {
  path: '/usr/lib/systemd/systemd',
  fallbacks: ['/lib/systemd/systemd', '/sbin/init'],
};
const INIT_SYSTEM_SIGNAL = 'RTMIN+3';

/** A login shell. Under the name `-bash`, BusyBox would look for an applet `bash`; bash knows itself as `-sh`, too. */
const SHELL: Program = { path: '/bin/bash', fallbacks: ['/bin/sh'], argv0: '-sh' };

/** The environment that nspawn gives by itself. systemd-nspawn(1); of other users than root it would ask the container for the home. */
function listOwnVariables({ startMode, user = 'root' }: Pick<Settings, 'startMode' | 'user'>): Variable[] {
  return [
    { name: 'PATH', value: PATH },
    { name: 'container', value: 'systemd-nspawn' },
    ...(user === 'root' ? [{ name: 'HOME', value: '/root' }] : []),
    { name: 'USER', value: user },
    { name: 'LOGNAME', value: user },
    ...(startMode === 'boot' ? [] : [{ name: 'LANG', value: 'C.UTF-8' }]),
  ];
}

/** `lifecycle.stopSignal` without KillSignal=. */
export function defaultStopSignal({ startMode }: Settings): string | undefined {
  return startMode === 'boot' ? INIT_SYSTEM_SIGNAL : undefined;
}

/** What is started, and how. */
export function initOf(settings: Settings): InitSpec {
  const { startMode, parameters, environment, user, workingDirectory } = settings;
  const [program, ...args] = parameters;
  const env = [...listOwnVariables(settings), ...environment];
  return {
    ...(startMode === 'boot'
      ? { ...INIT_SYSTEM, args: [...parameters] }
      : { ...(program === undefined ? SHELL : findProgram(program, env, workingDirectory)), args }),
    ...(startMode === 'pid2' ? { reaper: true } : {}),
    env,
    ...(workingDirectory === undefined ? {} : { dir: workingDirectory }),
    ...(user === undefined ? {} : { user }),
  };
}

/** A program without a slash is searched for in the container's PATH, as execvpe(3) does. */
function findProgram(program: string, env: readonly Variable[], dir = '/'): Program {
  if (program.startsWith('/')) return { path: program };
  if (program.includes('/')) return { path: posix.join(dir, program), argv0: program };
  const written = env.findLast(({ name }) => name === 'PATH')?.value ?? '';
  const directories = [...new Set(written.split(':').filter((directory) => directory.startsWith('/')))];
  const [path = `/${program}`, ...fallbacks] = (directories.length === 0 ? PATH.split(':') : directories).map(
    (directory) => posix.join(directory, program),
  );
  return { path, ...(fallbacks.length === 0 ? {} : { fallbacks }), argv0: program };
}

/** Sets what `initOf` and `defaultStopSignal` make of it again, as far as there are words for it. */
export function setInit(settings: Settings, { init, lifecycle }: Pick<ContainerSpec, 'init' | 'lifecycle'>): void {
  const { path, fallbacks, argv0, args, env, reaper, dir, user } = init;
  const program = Object.fromEntries(
    Object.entries({ path, fallbacks, argv0 }).filter(([, value]) => value !== undefined),
  );
  const isInitSystem = reaper !== true && isDeepStrictEqual(program, INIT_SYSTEM);
  settings.startMode = isInitSystem ? 'boot' : reaper === true ? 'pid2' : 'pid1';
  settings.user = user;
  settings.workingDirectory = dir;
  if (!isInitSystem && (!isDeepStrictEqual(program, SHELL) || args.length > 0)) {
    const word = argv0 !== undefined && isDeepStrictEqual(findProgram(argv0, env, dir), program) ? argv0 : path;
    settings.parameters.push(word);
  }
  for (const arg of args) settings.parameters.push(arg);
  const own = listOwnVariables(settings);
  const others = isDeepStrictEqual(env.slice(0, own.length), own) ? env.slice(own.length) : env;
  for (const variable of others) settings.environment.push(variable);
  const { stopSignal } = lifecycle;
  if (stopSignal !== defaultStopSignal(settings)) settings.killSignal = stopSignal;
}
