import type { ContainerSpec, IdMapSpec, IdRange } from '../config/spec.js';
import { CLONE, type Op, type OpOf } from '../exec/plan.js';

type NetworkPart = Pick<ContainerSpec, 'interfaces'> & {
  readonly features: Pick<ContainerSpec['features'], 'privnet'>;
};

/** Without one, the container shares the host's network. */
export function hasOwnNetwork(spec: NetworkPart): boolean {
  return spec.interfaces.length > 0 || spec.features.privnet;
}

/** The namespaces of init besides its mount namespace, then its id maps. */
export function planNamespaces(spec: NetworkPart & Pick<ContainerSpec, 'idmap'>): Op[] {
  const flags =
    CLONE.NEWPID |
    CLONE.NEWUTS |
    CLONE.NEWIPC |
    CLONE.NEWCGROUP |
    (spec.idmap === undefined ? 0 : CLONE.NEWUSER) |
    (hasOwnNetwork(spec) ? CLONE.NEWNET : 0);
  return [{ op: 'clone', flags }, ...planIdMaps(spec.idmap)];
}

function planIdMaps(idmap: IdMapSpec | undefined): OpOf<'idmap'>[] {
  const plan = (kind: 'uid' | 'gid', ranges: readonly IdRange[] = []): OpOf<'idmap'>[] =>
    ranges.map(({ inside, outside, count }) => ({ op: 'idmap', kind, inside, outside, count }));
  return [...plan('uid', idmap?.uid), ...plan('gid', idmap?.gid)];
}

/** The name as libvirt makes a host name of it: letters, digits and dashes, one leading dash taken away. */
export function planHostname(name: string): OpOf<'hostname'>[] {
  const hostname = name.replace(/[^A-Za-z0-9-]/g, '').replace(/^-/, '');
  return hostname === '' ? [] : [{ op: 'hostname', name: hostname }];
}
