import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';
import { hasOwnNetwork, isOwnNamespace } from './plan-namespaces.js';

export type SysctlPart = Pick<
  ContainerSpec,
  'name' | 'process' | 'namespaces' | 'interfaces' | 'hostname' | 'domainname'
> & {
  readonly features: Pick<ContainerSpec['features'], 'privnet'>;
};

/** Of the ipc namespace, ipc_namespaces(7); besides these all of fs/mqueue. */
const OF_IPC = /^kernel\/(?:(?:msg|shm)[a-z_]+|sem|sem_next_id)$|^fs\/mqueue\/[a-z_]+$/;
const OF_UTS: Readonly<Record<string, 'hostname' | 'domainname'>> = {
  'kernel/hostname': 'hostname',
  'kernel/domainname': 'domainname',
};

/**
 * Kernel parameters of the container's own namespaces. Any other is one of the host, which a container must not change.
 *
 * @throws CtrError CTR_UNSUPPORTED, naming the parameter and whose it is
 */
export function planSysctls(spec: SysctlPart): Op[] {
  return (spec.process?.sysctls ?? []).flatMap(({ name, value }) => planSysctl(spec, name, value));
}

function planSysctl(spec: SysctlPart, name: string, value: string): Op[] {
  const path = pathOf(name);
  const refuse = (reason: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot start '${spec.name}': kernel parameter '${name}' ${reason}`);
  if (path === undefined) throw refuse('is no name of one');
  const field = OF_UTS[path];
  if (field !== undefined) {
    if (!isOwnNamespace(spec, 'uts')) throw refuse('belongs to a uts namespace that is not its own');
    // The kernel lets nobody but the host's root write these files; the calls do the same.
    return value === '' ? [] : [{ op: field, name: value }];
  }
  if (OF_IPC.test(path)) {
    if (!isOwnNamespace(spec, 'ipc')) throw refuse('belongs to an ipc namespace that is not its own');
  } else if (path.startsWith('net/')) {
    if (!hasOwnNetwork(spec)) throw refuse('belongs to a network namespace that is not its own');
  } else {
    throw refuse('is of the host: no namespace has its own');
  }
  return [{ op: 'sysctl', path, value }];
}

/**
 * The path below /proc/sys, or undefined. As sysctl(8) takes a name apart: by the separator that comes first, where a '/' stands
 * for a dot inside of a part (`net.ipv4.conf.eth0/100.forwarding`).
 */
function pathOf(name: string): string | undefined {
  const isPath = name.search(/[./]/) === name.indexOf('/');
  const path = isPath ? name : name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
  const isClean = path.split('/').every((part) => /^[A-Za-z0-9_:.@-]+$/.test(part) && part !== '.' && part !== '..');
  return isClean && path.includes('/') ? path : undefined;
}
