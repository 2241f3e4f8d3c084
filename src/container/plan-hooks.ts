import type { ContainerSpec, HookSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op, OpOf } from '../exec/plan.js';
import { isViewsHook } from '../rootfs/plan-views.js';

/** A hook that says nothing else has so long, in ms. */
const DEFAULT_TIMEOUT_MS = 60_000;
const MOST_TIMEOUT_SECONDS = 86_400;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface HookPlaces {
  /** $CTR_STATE_DIR/containers/NAME. */
  readonly stateDir: string;
  /** The container's definition, where it has a file. */
  readonly definition?: string;
}

/** The programs that run at points of the container's life, in order. @throws CtrError CTR_UNSUPPORTED */
export function planHooks(spec: ContainerSpec, places: HookPlaces): Op[] {
  const hooks = (spec.hooks ?? []).filter((hook) => !isViewsHook(hook));
  const state = hooks.some(({ convention }) => convention === 'oci');
  return [
    ...hooks.map((hook) => planHook(spec, hook, places)),
    ...(state ? [{ op: 'hook-state', state: formatState(spec, places) } as const] : []),
  ];
}

function planHook(spec: ContainerSpec, hook: HookSpec, places: HookPlaces): OpOf<'hook'> {
  const refuse = (reason: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot start '${spec.name}': its hook '${hook.path}' ${reason}`);
  const { when, convention, path, timeoutSeconds } = hook;
  if (!path.startsWith('/')) throw refuse('is no absolute path');
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0 && timeoutSeconds <= MOST_TIMEOUT_SECONDS))
    throw refuse(`has a timeout of ${timeoutSeconds} s, which is not from 1 to ${MOST_TIMEOUT_SECONDS}`);
  const args = convention === 'lxc' ? [...takeArguments(hook), spec.name, 'lxc', LXC_TYPES[when] ?? when] : hook.args;
  const env = new Map(convention === 'oci' ? [] : listLxcVariables(spec, hook, places));
  for (const { name, value } of hook.env ?? []) env.set(name, value);
  const timeout = timeoutSeconds === undefined ? DEFAULT_TIMEOUT_MS : Math.ceil(timeoutSeconds * 1000);
  const lines = [...env].map(([name, value]) => `${name}=${value}`);
  if ([...args, ...lines].some((text) => text.includes('\0'))) throw refuse('has a NUL in its arguments');
  return { op: 'hook', when, convention, path, args: formatList(args), env: formatList(lines), timeout };
}

/** LXC's hooks are lines for a shell, and it writes the arguments behind the line: they are for the program that the line calls. */
function takeArguments({ path, args }: HookSpec): readonly string[] {
  const [option, line, ...more] = args;
  const isLine = path === '/bin/sh' && option === '-c' && line !== undefined && more.length === 0;
  return isLine ? [option, `exec ${line} "$@"`, path] : args;
}

/** LXC's words where they differ from ours. */
const LXC_TYPES: Readonly<Record<string, string>> = { poststart: 'start-host', 'create-container': 'mount' };

/** lxc.container.conf(5), "Container hooks environment variables"; what only the start knows is added by the helper. */
function listLxcVariables(spec: ContainerSpec, { when, convention }: HookSpec, places: HookPlaces): [string, string][] {
  const root = spec.filesystems.find(({ target }) => target === '/');
  const source = root?.type === 'mount' ? root.source : '/';
  return [
    ['PATH', PATH],
    ['LXC_NAME', spec.name],
    ...(places.definition === undefined ? [] : [['LXC_CONFIG_FILE', places.definition] satisfies [string, string]]),
    ['LXC_ROOTFS_PATH', source],
    ['LXC_CONSOLE_LOGPATH', `${places.stateDir}/console0.log`],
    ['LXC_CGNS_AWARE', '1'],
    ['LXC_LOG_LEVEL', 'ERROR'],
    ['LXC_HOOK_VERSION', convention === 'lxc1' ? '1' : '0'],
    ...(convention === 'lxc1'
      ? ([
          ['LXC_HOOK_TYPE', LXC_TYPES[when] ?? when],
          ['LXC_HOOK_SECTION', 'lxc'],
        ] satisfies [string, string][])
      : []),
  ];
}

/** What follows `"pid":N` in the state of the OCI runtime specification (runtime.md, "State"). */
function formatState({ annotations = [] }: ContainerSpec, { stateDir }: HookPlaces): string {
  const entries = Object.fromEntries(annotations.map(({ name, value }) => [name, value]));
  return `,"bundle":${JSON.stringify(stateDir)},"annotations":${JSON.stringify(entries)}}`;
}

function formatList(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text) => `${text}\0`).join(''));
}
