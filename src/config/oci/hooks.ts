import type { ContainerSpec, HookPoint, HookSpec } from '../spec.js';
import type { OciConfig } from './config-shape.js';
import { readEnvironment, writeEnvironment } from './process.js';

/** `hooks` of a config.json, both ways. */

type OciHooks = NonNullable<OciConfig['hooks']>;
type OciHook = NonNullable<OciHooks['prestart']>[number];

/** Both run on the host between the namespaces and the program, where they are told the pid: `start-host`. They are printed as the latter. */
const POINTS = {
  prestart: 'start-host',
  createRuntime: 'start-host',
  createContainer: 'create-container',
  startContainer: 'start',
  poststart: 'poststart',
  poststop: 'post-stop',
} as const satisfies Record<keyof OciHooks, HookPoint>;

const NAMES = Object.keys(POINTS) as (keyof OciHooks)[];

export function readHooks(hooks: OciHooks | undefined): HookSpec[] {
  return NAMES.flatMap((name) => (hooks?.[name] ?? []).map((hook) => readHook(POINTS[name], hook)));
}

function readHook(when: HookPoint, { path, args = [], env, timeout }: OciHook): HookSpec {
  const [argv0, ...rest] = args;
  return {
    when,
    path,
    ...(argv0 === undefined || argv0 === path ? {} : { argv0 }),
    args: rest,
    ...(env === undefined ? {} : { env: readEnvironment(env) }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    convention: 'oci',
  };
}

/** Only hooks that expect the state on stdin: others would be told nothing. */
export function writeHooks({ hooks = [] }: ContainerSpec): OciHooks | undefined {
  const lists = NAMES.filter((name) => name !== 'prestart').map(
    (name) =>
      [
        name,
        hooks
          .filter(({ when, convention }) => convention === 'oci' && when === POINTS[name])
          .map((hook) => writeHook(hook)),
      ] as const,
  );
  const filled = lists.filter(([, list]) => list.length > 0);
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}

function writeHook({ path, argv0 = path, args, env, timeoutSeconds }: HookSpec): OciHook {
  return {
    path,
    args: [argv0, ...args],
    ...(env === undefined ? {} : { env: writeEnvironment(env) }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
  };
}
