import { posix } from 'node:path';
import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';

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

export function planDirectoryAndUser({ dir, user = '', group = '' }: ContainerSpec['init']): Op[] {
  return [
    { op: 'cwd', path: dir ?? '/' },
    ...(user === '' && group === '' ? [] : [{ op: 'user', user, group } as const]),
  ];
}

/** Environment, arguments and exec of init. */
export function planExec(spec: ContainerSpec, uuid: string): Op[] {
  const { path, args } = spec.init;
  const options = INIT_SYSTEMS.has(posix.basename(path)) ? 0 : OPTION.CONTROLLING_TTY;
  return [
    ...[...listEnvironment(spec, uuid)].map(([name, value]): Op => ({ op: 'env', entry: `${name}=${value}` })),
    ...args.map((value): Op => ({ op: 'arg', value })),
    { op: 'exec', path, options },
  ];
}

/**
 * What libvirt and systemd's container interface promise to init, then the configuration's own, which may replace any of it.
 * PATH and `container` have the values libvirt's code gives them, not those of its documentation.
 */
function listEnvironment(spec: ContainerSpec, uuid: string): Map<string, string> {
  const environment = new Map([
    ['PATH', '/bin:/sbin'],
    ['TERM', 'linux'],
    ['container', 'lxc-libvirt'],
    ['HOME', '/'],
    ['container_uuid', uuid],
  ]);
  // Terminals for login prompts. The first console is not one: it is /dev/console.
  const ttys = spec.consoles.slice(1).map((_, index) => `pts/${index + 1}`);
  if (ttys.length > 0) environment.set('container_ttys', ttys.join(' '));
  environment.set('LIBVIRT_LXC_UUID', uuid);
  environment.set('LIBVIRT_LXC_NAME', spec.name);
  if (spec.init.cmdline !== undefined) environment.set('LIBVIRT_LXC_CMDLINE', spec.init.cmdline);
  for (const { name, value } of spec.init.env) environment.set(name, value);
  return environment;
}
