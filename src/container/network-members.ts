/** What the containers of a network have in it. */
import type { ContainerSpec, PortSpec } from '../config/spec.js';
import { takesPorts } from '../network/format-table.js';
import { nameLinks } from '../network/name-links.js';
import { type Allocation, readAllocations } from '../state/network-store.js';
import { debug } from '../system/log.js';
import type { Paths } from '../system/paths.js';
import { reasonOf } from '../system/reason.js';
import { loadFormatsOf } from './load-formats-of.js';
import { loadNetwork } from './load-network.js';
import { readSpec } from './read-spec.js';
import { readRunningSpec } from './running-spec.js';

/** An interface of a container in the network, which has its addresses whether it runs or not. */
export interface NetworkMember {
  readonly name: string;
  /** For the name server. */
  readonly host: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** Its end on the host, while the container runs. Absent: its definition cannot be read. */
  readonly link?: string;
  /** Ports of the host that lead to it, while the container runs. */
  readonly ports?: readonly PortSpec[];
}

export function listMembers(paths: Paths, network: string): readonly NetworkMember[] {
  return readAllocations(paths, network).map(toMember);
}

/** With what their definitions say. */
export async function describeMembers(paths: Paths, network: string): Promise<readonly NetworkMember[]> {
  const members: NetworkMember[] = [];
  for (const allocation of readAllocations(paths, network)) {
    const spec = await findSpec(paths, allocation.name);
    members.push({ ...toMember(allocation), ...(spec === undefined ? {} : describeLink(paths, spec, allocation)) });
  }
  return members;
}

function toMember({ name, host = name, mac, ipv4, ipv6 }: Allocation): NetworkMember {
  return { name, host, mac, addresses: [ipv4, ipv6].filter((address) => address !== undefined) };
}

/** While it runs, what it was started with counts. A damaged one is told elsewhere. */
async function findSpec(paths: Paths, name: string): Promise<ContainerSpec | undefined> {
  try {
    await loadFormatsOf(name, paths);
    return readRunningSpec(paths, name) ?? readSpec('show', paths, name).spec;
  } catch (error) {
    debug(`show '${name}': ${reasonOf(error)}`);
    return undefined;
  }
}

/** Ports lead to the first interface whose network takes any. */
function describeLink(paths: Paths, spec: ContainerSpec, { owner }: Allocation): Pick<NetworkMember, 'link' | 'ports'> {
  const [uuid = '', place = ''] = owner.split('/');
  const link = nameLinks(spec.interfaces, uuid)[Number(place)];
  const target = spec.interfaces.findIndex(({ type, source = '' }) => {
    const network = type === 'network' ? loadNetwork(paths, source) : undefined;
    return network !== undefined && takesPorts(network.spec);
  });
  return {
    ...(link === undefined ? {} : { link: link.host }),
    ...(target === Number(place) && spec.ports !== undefined ? { ports: spec.ports } : {}),
  };
}
