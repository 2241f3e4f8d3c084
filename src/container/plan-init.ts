import { posix } from 'node:path';
import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import { hasUserEnvironment, listEnvironment } from './plan-environment.js';

/** Init systems that open the console and make it their children's terminal themselves. */
const INIT_SYSTEMS = new Set([
  'init',
  'linuxrc',
  'openrc-init',
  'runit',
  'runit-init',
  's6-linux-init',
  's6-svscan',
  'systemd',
]);

/** The 32-bit architecture each machine runs too. */
const COMPATIBLE_32_BIT: Readonly<Record<string, string>> = { x86_64: 'i686', aarch64: 'armv7l' };

const PER_LINUX32 = 8;

/** Whether the container is of the host's 32-bit sibling. @throws CtrError CTR_UNSUPPORTED on any other foreign architecture */
export function is32Bit(arch: string | undefined, hostArch: string): boolean {
  if (arch === undefined || arch === hostArch) return false;
  if (arch === COMPATIBLE_32_BIT[hostArch]) return true;
  throw new CtrError('CTR_UNSUPPORTED', `cannot run architecture '${arch}': this host is '${hostArch}'`);
}

export function planPersonality(isCompat: boolean): Op[] {
  return isCompat ? [{ op: 'personality', value: PER_LINUX32 }] : [];
}

/** Working directory, user and groups of init. @throws CtrError CTR_UNSUPPORTED for more groups than the helper takes */
export function planDirectoryAndUser(spec: Pick<ContainerSpec, 'name' | 'init'>): Op[] {
  const { dir, user = '', group = '', supplementaryGids } = spec.init;
  return [
    { op: 'cwd', path: dir ?? '/' },
    ...(user === '' && group === '' ? [] : [{ op: 'user', user, group } as const]),
    ...planGroups(spec.name, supplementaryGids),
  ];
}

/** MAX_GROUPS of the helper, less the primary one. */
const MOST_GROUPS = 63;

function planGroups(name: string, gids: readonly number[] | undefined): Op[] {
  if (gids === undefined) return [];
  const groups = [...new Set(gids)];
  if (groups.length > MOST_GROUPS) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': its init is in more than ${MOST_GROUPS} groups`);
  }
  return [{ op: 'groups', gids: groups.join(' ') }];
}

/** Environment, arguments and exec of init. */
export function planExec(spec: ContainerSpec, uuid: string): Op[] {
  const { path, args, argv0, fallbacks = [] } = spec.init;
  return [
    ...[...listEnvironment(spec, uuid)].map(([name, value]): Op => ({ op: 'env', entry: `${name}=${value}` })),
    ...(hasUserEnvironment(spec) ? [{ op: 'user-env' } as const] : []),
    ...args.map((value): Op => ({ op: 'arg', value })),
    ...(argv0 === undefined ? [] : [{ op: 'arg-zero', value: argv0 } as const]),
    ...fallbacks.map((fallback): Op => ({ op: 'exec-fallback', path: fallback })),
    { op: 'exec', path, options: takesTerminal(spec) ? OPTION.CONTROLLING_TTY : 0 },
  ];
}

/** Init systems open the console and make it their children's terminal themselves; behind the small init nothing is one. */
function takesTerminal({ init, process }: ContainerSpec): boolean {
  if (process?.terminal === false) return false;
  return init.reaper === true || !INIT_SYSTEMS.has(posix.basename(init.path));
}
