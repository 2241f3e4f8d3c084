import { isRootUser, listBuiltIn } from '../config/built-in-environment.js';
import type { ConfigFormat, ContainerSpec } from '../config/spec.js';
import { NOTIFY_PATH } from './plan-lifecycle.js';

type Variables = readonly (readonly [name: string, value: string])[];

/**
 * The environment of init: what the format's own tool promises to it, then the configuration's own variables, which may replace any
 * of it.
 */
export function listEnvironment(spec: ContainerSpec, uuid: string): Map<string, string> {
  const builtIn = listBuiltIn(spec.format, spec.init.user).map(({ name, value }) => [name, value] as const);
  const environment = new Map([...builtIn, ...OF_CONTAINER[spec.format](spec, uuid)]);
  if (spec.lifecycle.notifyReady === true) environment.set('NOTIFY_SOCKET', NOTIFY_PATH);
  for (const { name, value } of spec.init.env) environment.set(name, value);
  return environment;
}

/** Whether HOME, USER and LOGNAME are those of a user whom only the root's /etc/passwd knows. */
export function hasUserEnvironment({ format, init }: ContainerSpec): boolean {
  return format === 'nspawn' && !isRootUser(init.user);
}

/** What depends on the container itself. */
const OF_CONTAINER: Readonly<Record<ConfigFormat, (spec: ContainerSpec, uuid: string) => Variables>> = {
  libvirt: (spec, uuid) => [
    ['container_uuid', uuid],
    ...listTerminals(spec),
    ['LIBVIRT_LXC_UUID', uuid],
    ['LIBVIRT_LXC_NAME', spec.name],
    ...(spec.init.cmdline === undefined ? [] : [['LIBVIRT_LXC_CMDLINE', spec.init.cmdline] as const]),
  ],
  nspawn: (_spec, uuid) => [['container_uuid', uuid]],
  lxc: (spec) => listTerminals(spec),
  oci: () => [],
};

/** Terminals for login prompts. The first console is not one: it is /dev/console. */
function listTerminals({ consoles }: ContainerSpec): Variables {
  const ttys = consoles.slice(1).map((_, index) => `pts/${index + 1}`);
  return ttys.length === 0 ? [] : [['container_ttys', ttys.join(' ')]];
}
