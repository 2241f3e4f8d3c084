/** Where a container's /etc/resolv.conf comes from, and why: for `info`. */
import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { hasOwnNetwork, hostnameOf } from '../namespaces/plan-namespaces.js';
import type { JoinedNetwork } from '../network/joined-network.js';
import { chooseResolvConf, type NetworkNames } from '../rootfs/plan-host-files.js';
import type { Paths } from '../system/paths.js';
import { namesOf } from './join-networks.js';
import { type LoadedNetwork, loadNetwork } from './load-network.js';
import { namesOfNetworks } from './names-of-networks.js';
import { LACKS_NAME_SERVER } from './network-facts.js';

export interface ResolvConfInfo {
  /** In the words of the definition. */
  readonly mode: string;
  readonly why: string;
}

export function describeResolvConf(paths: Paths, spec: ContainerSpec): ResolvConfInfo {
  const asked = spec.hostFiles?.resolvConf;
  const sources = spec.interfaces.map(({ type, source = '' }) => (type === 'network' ? source : undefined));
  const names = namesOfNetworks(spec, joinedOf(paths, sources), hostnameOf(spec));
  const mode = chooseResolvConf(asked, names);
  if (mode === 'network') return { mode, why: whyNetwork(names, sources) };
  if (asked !== undefined && asked !== 'network') return { mode, why: whyAsked(spec, mode) };
  if (mode !== 'off') return { mode, why: `the host's servers: ${LACKS_NAME_SERVER}` };
  const hasNetwork = sources.some((source) => source !== undefined);
  return { mode, why: hasNetwork ? 'the root has its own: its networks have no names' : 'the root has its own' };
}

function joinedOf(paths: Paths, sources: readonly (string | undefined)[]): Map<number, JoinedNetwork> {
  const joined = new Map<number, JoinedNetwork>();
  for (const [index, name] of sources.entries()) {
    const network = name === undefined ? undefined : findNetwork(paths, name);
    if (network === undefined) continue;
    const { bridge, spec } = network;
    joined.set(index, { name: spec.name, bridge, ips: [], routes: [], isolated: false, ...namesOf(network) });
  }
  return joined;
}

/** One that is damaged is told where it is used. */
function findNetwork(paths: Paths, name: string): LoadedNetwork | undefined {
  try {
    return loadNetwork(paths, name);
  } catch (error) {
    if (error instanceof CtrError) return undefined;
    throw error;
  }
}

function whyNetwork(names: NetworkNames | undefined, sources: readonly (string | undefined)[]): string {
  const of = sources.filter((source) => source !== undefined).join(', ');
  return `${names?.servers.join(' ') ?? ''}, of the network ${of}`;
}

function whyAsked(spec: ContainerSpec, mode: string): string {
  if (mode === 'auto' && hasOwnNetwork(spec)) return 'the root has its own, since its network is, too';
  if (mode === 'off' || mode === 'delete') return 'its definition says so';
  const ownServers = hasOwnNetwork(spec) && /-(host|stub)$/.test(mode);
  return ownServers
    ? "its definition says so; servers of the host's loopback are none of its"
    : 'its definition says so';
}
