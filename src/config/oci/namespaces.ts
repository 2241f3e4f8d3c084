import type {
  ContainerSpec,
  IdMapSpec,
  IdRange,
  NamespaceKind,
  NamespaceSource,
  NamespacesSpec,
  ProcessSpec,
} from '../spec.js';
import type { OciLinux } from './config-shape.js';
import { NAMESPACE_TYPES } from './linux-shape.js';
import type { OciReading } from './oci-reading.js';

/** Namespaces and id maps of a config.json, both ways. */

type OciNamespace = NonNullable<OciLinux['namespaces']>[number];
type IdMapping = NonNullable<OciLinux['uidMappings']>[number];

const TYPES = Object.entries(NAMESPACE_TYPES) as [OciNamespace['type'], NamespaceKind][];

/** Kinds of which ctr gives each container one of its own. */
const OWN_BY_DEFAULT: ReadonlySet<NamespaceKind> = new Set(['pid', 'ipc', 'uts', 'mnt', 'cgroup']);

/** Whether the container's network is its own, and which namespaces are not as ctr makes them. */
export function readNamespaces(
  linux: OciLinux,
  { refuse }: OciReading,
): { readonly privnet: boolean; readonly namespaces?: NamespacesSpec } {
  const listed = linux.namespaces ?? [];
  const namespaces: { [K in NamespaceKind]?: NamespaceSource } = {};
  for (const [type, kind] of TYPES) {
    const index = listed.findIndex((entry) => entry.type === type);
    const path = listed[index]?.path ?? '';
    if (path !== '') {
      namespaces[kind] = { kind: 'path', path };
      if (!path.startsWith('/'))
        refuse(['linux', 'namespaces', index, 'path'], `the path of its ${type} namespace is not absolute`);
    } else if (index < 0 && (OWN_BY_DEFAULT.has(kind) || kind === 'net')) namespaces[kind] = { kind: 'host' };
    // offsets ask for one anyway
    else if (index >= 0 && kind === 'time' && Object.keys(readTimeOffsets(linux)).length === 0)
      namespaces[kind] = { kind: 'own' };
  }
  if (namespaces.mnt?.kind === 'host') refuse(['linux', 'namespaces'], "it asks for the host's mount namespace");
  if (!listed.some(({ type }) => type === 'user') && (linux.uidMappings ?? []).length > 0) {
    namespaces.user = { kind: 'host' };
    refuse(['linux', 'uidMappings'], 'it maps ids, and asks for no user namespace');
  }
  const privnet = listed.some(({ type, path = '' }) => type === 'network' && path === '');
  return { privnet, ...(Object.keys(namespaces).length === 0 ? {} : { namespaces }) };
}

/** The id map; undefined without mappings. */
export function readIdMap({ uidMappings = [], gidMappings = [] }: OciLinux): IdMapSpec | undefined {
  if (uidMappings.length === 0 || gidMappings.length === 0) return undefined;
  const read = (mappings: readonly IdMapping[]): IdRange[] =>
    mappings
      .map(({ containerID, hostID, size }) => ({ inside: containerID, outside: hostID, count: size }))
      .toSorted((a, b) => a.inside - b.inside);
  return { uid: read(uidMappings), gid: read(gidMappings) };
}

export function readTimeOffsets({ timeOffsets }: OciLinux): Pick<ProcessSpec, 'timeOffsets'> {
  const read = (offset: { readonly secs?: number; readonly nanosecs?: number } | undefined): string | undefined => {
    const nanoseconds = BigInt(offset?.secs ?? 0) * 1_000_000_000n + BigInt(offset?.nanosecs ?? 0);
    return nanoseconds === 0n ? undefined : String(nanoseconds);
  };
  const [monotonicNs, boottimeNs] = [read(timeOffsets?.monotonic), read(timeOffsets?.boottime)];
  if (monotonicNs === undefined && boottimeNs === undefined) return {};
  return {
    timeOffsets: {
      ...(monotonicNs === undefined ? {} : { monotonicNs }),
      ...(boottimeNs === undefined ? {} : { boottimeNs }),
    },
  };
}

/** The kinds that are not the host's. A namespace of another container has no name here: the container gets its own. */
export function writeNamespaces(spec: ContainerSpec): OciNamespace[] {
  return TYPES.flatMap(([type, kind]): OciNamespace[] => {
    const source = spec.namespaces?.[kind] ?? { kind: isOwn(spec, kind) ? 'own' : 'host' };
    switch (source.kind) {
      case 'host':
        return [];
      case 'path':
        return [{ type, path: source.path }];
      case 'netns':
        return [{ type, path: `/run/netns/${source.name}` }];
      case 'pid':
        return [{ type, path: `/proc/${source.pid}/ns/${kind}` }];
      default:
        return [{ type }];
    }
  });
}

function isOwn(spec: ContainerSpec, kind: NamespaceKind): boolean {
  if (kind === 'net') return spec.features.privnet || spec.interfaces.length > 0;
  if (kind === 'time') return spec.process?.timeOffsets !== undefined;
  if (kind === 'user') return spec.idmap !== undefined || spec.idRange !== undefined;
  return OWN_BY_DEFAULT.has(kind);
}

/** Where the ids are still to be chosen: those that /etc/subuid begins with on most hosts. */
const USUAL_FIRST_ID = 100_000;

export function writeIdMap({ idmap, idRange }: ContainerSpec): Pick<OciLinux, 'uidMappings' | 'gidMappings'> {
  const chosen = idRange === undefined ? undefined : [{ inside: 0, outside: USUAL_FIRST_ID, count: idRange.count }];
  const [uid, gid] = [idmap?.uid ?? chosen, idmap?.gid ?? chosen];
  if (uid === undefined || gid === undefined) return {};
  const write = (ranges: readonly IdRange[]): IdMapping[] =>
    ranges.map(({ inside, outside, count }) => ({ containerID: inside, hostID: outside, size: count }));
  return { uidMappings: write(uid), gidMappings: write(gid) };
}

export function writeTimeOffsets({ process }: ContainerSpec): Pick<OciLinux, 'timeOffsets'> {
  const { monotonicNs, boottimeNs } = process?.timeOffsets ?? {};
  if (monotonicNs === undefined && boottimeNs === undefined) return {};
  const write = (text: string) => {
    const nanosecs = ((BigInt(text) % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return { secs: Number((BigInt(text) - nanosecs) / 1_000_000_000n), nanosecs: Number(nanosecs) };
  };
  return {
    timeOffsets: {
      ...(monotonicNs === undefined ? {} : { monotonic: write(monotonicNs) }),
      ...(boottimeNs === undefined ? {} : { boottime: write(boottimeNs) }),
    },
  };
}
