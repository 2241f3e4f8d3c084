import type { ConfigFormat, ContainerSpec } from '../config/spec.js';
import { NOTIFY_PATH } from './plan-lifecycle.js';

type Variables = readonly (readonly [name: string, value: string])[];

/** systemd's DEFAULT_PATH, which nspawn gives the payload. */
const NSPAWN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment of init: what the format's own tool promises to it, then the configuration's own variables, which may replace any
 * of it.
 */
export function listEnvironment(spec: ContainerSpec, uuid: string): Map<string, string> {
  const environment = new Map(BUILT_IN[spec.format](spec, uuid));
  if (spec.lifecycle.notifyReady === true) environment.set('NOTIFY_SOCKET', NOTIFY_PATH);
  for (const { name, value } of spec.init.env) environment.set(name, value);
  return environment;
}

/** Whether HOME, USER and LOGNAME are those of a user whom only the root's /etc/passwd knows. */
export function hasUserEnvironment({ format, init }: ContainerSpec): boolean {
  return format === 'nspawn' && !isRoot(init.user);
}

function isRoot(user: string | undefined): boolean {
  return user === undefined || ['', 'root', '0'].includes(user);
}

const BUILT_IN: Readonly<Record<ConfigFormat, (spec: ContainerSpec, uuid: string) => Variables>> = {
  libvirt: listLibvirtVariables,
  nspawn: listNspawnVariables,
  lxc: (spec) => [['container', 'lxc'], ...listTerminals(spec)],
  // The specification knows no others than process.env.
  oci: () => [],
};

/** What libvirt and systemd's container interface promise. PATH and `container` are as in libvirt's code, not its documentation. */
function listLibvirtVariables(spec: ContainerSpec, uuid: string): Variables {
  return [
    ['PATH', '/bin:/sbin'],
    ['TERM', 'linux'],
    ['container', 'lxc-libvirt'],
    ['HOME', '/'],
    ['container_uuid', uuid],
    ...listTerminals(spec),
    ['LIBVIRT_LXC_UUID', uuid],
    ['LIBVIRT_LXC_NAME', spec.name],
    ...(spec.init.cmdline === undefined ? [] : [['LIBVIRT_LXC_CMDLINE', spec.init.cmdline] as const]),
  ];
}

function listNspawnVariables({ init }: ContainerSpec, uuid: string): Variables {
  const root: Variables = [
    ['HOME', '/root'],
    ['USER', 'root'],
    ['LOGNAME', 'root'],
  ];
  return [
    ['PATH', NSPAWN_PATH],
    // nspawn hands on its caller's; the console of a container has none.
    ['TERM', 'linux'],
    ['container', 'systemd-nspawn'],
    ...(isRoot(init.user) ? root : []),
    ['container_uuid', uuid],
  ];
}

/** Terminals for login prompts. The first console is not one: it is /dev/console. */
function listTerminals({ consoles }: ContainerSpec): Variables {
  const ttys = consoles.slice(1).map((_, index) => `pts/${index + 1}`);
  return ttys.length === 0 ? [] : [['container_ttys', ttys.join(' ')]];
}
