import type { ContainerSpec, IdMapSpec, IdRange, NamespaceKind, NamespaceSource } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { CLONE, type Op, type OpOf } from '../exec/plan.js';

type NetworkPart = Pick<ContainerSpec, 'interfaces' | 'namespaces'> & {
  readonly features: Pick<ContainerSpec['features'], 'privnet'>;
};
type NamespacePart = NetworkPart & Pick<ContainerSpec, 'name' | 'idmap' | 'process' | 'hostname' | 'domainname'>;

/** Without one, the container shares the host's network, or somebody else's. */
export function hasOwnNetwork({ namespaces, interfaces, features }: NetworkPart): boolean {
  const source = namespaces?.net;
  return source === undefined ? interfaces.length > 0 || features.privnet : source.kind === 'own';
}

/** Whether the container has one of its own; those that the spec does not name it has, but the time namespace. */
export function isOwnNamespace(
  { namespaces }: Pick<ContainerSpec, 'namespaces'>,
  kind: 'uts' | 'ipc' | 'pid',
): boolean {
  return (namespaces?.[kind]?.kind ?? 'own') === 'own';
}

/** Made by clone3(2) where it is the container's own; the network is not always. */
const CLONED = { pid: CLONE.NEWPID, uts: CLONE.NEWUTS, ipc: CLONE.NEWIPC, cgroup: CLONE.NEWCGROUP } as const;

/** In the order in which they are joined. */
const JOINED = ['net', 'ipc', 'uts', 'pid', 'cgroup', 'time'] as const satisfies readonly NamespaceKind[];

/**
 * The namespaces of init besides its mount namespace, its id maps, and those that it shares.
 *
 * @throws CtrError CTR_UNSUPPORTED, CTR_BAD_CONFIG
 */
export function planNamespaces(spec: NamespacePart): Op[] {
  refuseImpossible(spec);
  const own = Object.entries(CLONED).filter(
    ([kind]) => (spec.namespaces?.[kind as keyof typeof CLONED]?.kind ?? 'own') === 'own',
  );
  const flags =
    own.reduce((sum, [, flag]) => sum | flag, 0) |
    (spec.idmap === undefined ? 0 : CLONE.NEWUSER) |
    (hasOwnNetwork(spec) ? CLONE.NEWNET : 0);
  return [
    { op: 'clone', flags },
    ...planIdMaps(spec.idmap),
    ...JOINED.flatMap((kind) => planJoin(spec, kind)),
    ...planTime(spec),
  ];
}

function planIdMaps(idmap: IdMapSpec | undefined): OpOf<'idmap'>[] {
  const plan = (kind: 'uid' | 'gid', ranges: readonly IdRange[] = []): OpOf<'idmap'>[] =>
    ranges.map(({ inside, outside, count }) => ({ op: 'idmap', kind, inside, outside, count }));
  return [...plan('uid', idmap?.uid), ...plan('gid', idmap?.gid)];
}

function planJoin({ name, namespaces }: NamespacePart, kind: (typeof JOINED)[number]): OpOf<'namespace'>[] {
  const source = namespaces?.[kind];
  switch (source?.kind) {
    case 'container':
      if (!CONTAINER_NAME.test(source.name))
        throw refuse(name, `it shares the ${kind} namespace of '${source.name}', which is no name`);
      if (source.name === name) throw refuse(name, `it shares its own ${kind} namespace`);
      return [{ op: 'namespace', kind, from: 'container', source: source.name }];
    case 'pid':
      return [{ op: 'namespace', kind, from: 'pid', source: `${source.pid}` }];
    case 'netns':
      if (kind !== 'net') throw refuse(name, `it names a network namespace as its ${kind} namespace`);
      if (source.name.includes('/') || source.name.startsWith('.') || source.name === '')
        throw refuse(name, `'${source.name}' is no name of a network namespace`);
      return [{ op: 'namespace', kind, from: 'path', source: `/run/netns/${source.name}` }];
    case 'path':
      if (!source.path.startsWith('/'))
        throw refuse(name, `the path of its ${kind} namespace is not absolute: '${source.path}'`);
      return [{ op: 'namespace', kind, from: 'path', source: source.path }];
    default:
      return [];
  }
}

/** A name as ctr gives one (NAME_RULE): it becomes part of a path. */
const CONTAINER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

function planTime({ name, namespaces, process }: NamespacePart): Op[] {
  const source = namespaces?.time;
  const { monotonicNs, boottimeNs } = process?.timeOffsets ?? {};
  const hasOffsets = monotonicNs !== undefined || boottimeNs !== undefined;
  if (hasOffsets && source !== undefined && source.kind !== 'own')
    throw refuse(name, 'its clocks have offsets, and its time namespace is not its own');
  if (!hasOffsets && source?.kind !== 'own') return [];
  const format = (nanoseconds: string | undefined) =>
    nanoseconds === undefined ? '' : formatOffset(name, nanoseconds);
  return [{ op: 'time-namespace', monotonic: format(monotonicNs), boottime: format(boottimeNs) }];
}

const NANOSECONDS = 1_000_000_000n;

/** `SECONDS NANOSECONDS`, the latter never negative: time_namespaces(7). */
function formatOffset(name: string, text: string): string {
  if (!/^-?\d{1,19}$/.test(text)) throw refuse(name, `'${text}' is no offset of a clock in nanoseconds`);
  const offset = BigInt(text);
  const rest = ((offset % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return `${(offset - rest) / NANOSECONDS} ${rest}`;
}

/** What no order of system calls could give, or what contradicts itself. */
function refuseImpossible(spec: NamespacePart): void {
  const { name, namespaces = {}, idmap } = spec;
  const isForeign = (source: NamespaceSource | undefined) => source !== undefined && source.kind !== 'own';
  if (isForeign(namespaces.mnt))
    throw refuse(name, 'it shares a mount namespace: its root is always in one of its own');
  if (isForeign(namespaces.user) && namespaces.user?.kind !== 'host')
    throw refuse(name, 'it shares a user namespace: the mounts that guard it belong to its own');
  if (namespaces.user?.kind === 'own' && idmap === undefined) throw refuse(name, 'its user namespace has no id map');
  if (namespaces.user?.kind === 'host' && idmap !== undefined)
    throw refuse(name, "it has an id map, and the host's user namespace");
  const net = namespaces.net;
  if (isForeign(net) && spec.interfaces.length > 0)
    throw refuse(
      name,
      `it has interfaces, and ${net?.kind === 'host' ? "the host's" : "somebody else's"} network namespace`,
    );
  if (isForeign(net) && spec.features.privnet)
    throw refuse(name, 'it asks for a network of its own, and shares one (privnet)');
  if (!isOwnNamespace(spec, 'uts')) {
    if (spec.hostname) throw refuse(name, 'it has a host name, and its uts namespace is not its own');
    if (spec.domainname) throw refuse(name, 'it has a domain name, and its uts namespace is not its own');
  }
}

function refuse(name: string, reason: string): CtrError {
  return new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${reason}`);
}

/** The kernel's limit, `<linux/utsname.h>`. */
const UTS_NAME_BYTES = 64;

/** The host name inside, made of the container's as libvirt does where it has none; '' leaves the host's. */
export function hostnameOf({ name, hostname }: Pick<ContainerSpec, 'name' | 'hostname'>): string {
  return hostname ?? name.replace(/[^A-Za-z0-9-]/g, '').replace(/^-/, '');
}

/**
 * Host and domain name. Without a host name it is made of the container's as libvirt does: letters, digits and dashes, one leading
 * dash taken away; '' leaves the host's.
 *
 * @throws CtrError CTR_UNSUPPORTED for a name longer than the kernel takes
 */
export function planHostname(spec: Pick<ContainerSpec, 'name' | 'hostname' | 'domainname' | 'namespaces'>): Op[] {
  if (!isOwnNamespace(spec, 'uts')) return [];
  const hostname = hostnameOf(spec);
  const { domainname = '' } = spec;
  for (const [what, text] of [
    ['host', hostname],
    ['domain', domainname],
  ] as const) {
    if (new TextEncoder().encode(text).length > UTS_NAME_BYTES)
      throw refuse(spec.name, `its ${what} name '${text}' is longer than ${UTS_NAME_BYTES} bytes`);
  }
  return [
    ...(hostname === '' ? [] : [{ op: 'hostname', name: hostname } as const]),
    ...(domainname === '' ? [] : [{ op: 'domainname', name: domainname } as const]),
  ];
}
