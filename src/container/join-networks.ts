/** Finds out what a container gets of its networks, and keeps it: addresses stay until `undefine`. docs/adr/0014 */
import type {
  ContainerSpec,
  InterfaceSpec,
  IpSpec,
  NetworkIpSpec,
  NetworkSpec,
  PortGroupSpec,
  RouteSpec,
} from '../config/spec.js';
import { CtrError } from '../errors.js';
import { networkByHelper } from '../exec/helper.js';
import { type AddressPool, chooseAddress } from '../network/choose-address.js';
import { contains } from '../network/choose-subnet.js';
import { formatReserved, needsNameServer } from '../network/format-dnsmasq.js';
import { takesPorts } from '../network/format-table.js';
import { chooseHostName, foldHostName } from '../network/host-name.js';
import type { JoinedNetwork } from '../network/joined-network.js';
import { type NamedLink, nameLinks } from '../network/name-links.js';
import {
  type Allocation,
  type HostsFiles,
  listNetworkNames,
  readAllocations,
  writeAllocations,
  writeHostsFiles,
} from '../state/network-store.js';
import type { Paths } from '../system/paths.js';
import { type LoadedNetwork, requireNetwork } from './load-network.js';
import { findNameServer } from './network-facts.js';
import { networkState } from './network-info.js';
import { forgetLeases } from './network-leases.js';
import { checkHostBridge, checkRoutes, compileNetwork } from './start-network.js';
import { withNetworkLock } from './with-lock.js';

/** By the place of the interface. */
export type JoinedNetworks = ReadonlyMap<number, JoinedNetwork>;

/**
 * Joins the networks of a container's interfaces: each is made when it is `default`, its plan is there afterwards, and the container
 * has its addresses in it.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_UNSUPPORTED, CTR_MISSING_PROGRAM, CTR_BAD_CONFIG
 */
export async function joinNetworks(
  paths: Paths,
  helper: string,
  spec: ContainerSpec,
  uuid: string,
): Promise<JoinedNetworks> {
  const joined = new Map<number, JoinedNetwork>();
  for (const [index, link] of nameLinks(spec.interfaces, uuid).entries()) {
    if (link.spec.type !== 'network') continue;
    const network = await requireNetwork('join', paths, helper, link.spec.source ?? '');
    joined.set(index, await joinNetwork(paths, helper, network, { spec, link, owner: `${uuid}/${index}` }));
  }
  return joined;
}

interface Joining {
  readonly spec: ContainerSpec;
  readonly link: NamedLink;
  readonly owner: string;
}

async function joinNetwork(
  paths: Paths,
  helper: string,
  network: LoadedNetwork,
  joining: Joining,
): Promise<JoinedNetwork> {
  const { spec, bridge, dir, stamp } = network;
  const group = findPortGroup(spec, joining.link.spec.portGroup);
  const common = {
    name: spec.name,
    bridge,
    ...(spec.mtu === undefined ? {} : { mtu: spec.mtu }),
    ...(group?.bandwidth === undefined ? {} : { bandwidth: group.bandwidth }),
    isolated: spec.isolated === true,
  };
  if (spec.forward.mode === 'bridge') {
    checkHostBridge(network);
    return { ...common, ips: [], routes: [] };
  }
  checkRoutes(network, networkState(paths, spec.name).active);
  return withNetworkLock(paths, helper, spec.name, async () => {
    await compileNetwork(network);
    const { ips, routes } = await allocate(paths, helper, network, joining);
    return {
      ...common,
      plan: { dir, stamp },
      ips,
      routes,
      ...namesOf(network),
      takesPorts: takesPorts(spec),
    };
  });
}

/** The name server of a network, as a container sees it. */
export function namesOf({ spec }: LoadedNetwork): Pick<JoinedNetwork, 'names' | 'lacksNames'> {
  if (!spec.dns.enabled || needsNameServer(spec) === 'no') return {};
  if (findNameServer() === undefined) return spec.forward.mode === 'none' ? {} : { lacksNames: true };
  const servers = spec.ips.map(({ address }) => address);
  return { names: { servers, ...(spec.domain === undefined ? {} : { domain: spec.domain.name }) } };
}

/** The one that the interface names, else the default one. @throws CtrError CTR_BAD_CONFIG when there is none of that name */
function findPortGroup({ name, portGroups = [] }: NetworkSpec, wanted: string | undefined): PortGroupSpec | undefined {
  if (wanted === undefined) return portGroups.find(({ isDefault }) => isDefault);
  const found = portGroups.find((group) => group.name === wanted);
  if (found !== undefined) return found;
  throw new CtrError('CTR_BAD_CONFIG', `cannot join network '${name}': it has no port group '${wanted}'`, {
    ...(portGroups.length === 0 ? {} : { hint: `it has ${portGroups.map((group) => group.name).join(', ')}` }),
  });
}

/** Addresses and routes for an interface that says none of its own. The caller holds the network's lock. */
async function allocate(
  paths: Paths,
  helper: string,
  network: LoadedNetwork,
  { spec, link, owner }: Joining,
): Promise<{ ips: readonly IpSpec[]; routes: readonly RouteSpec[] }> {
  const all = readAllocations(paths, network.spec.name);
  const others = all.filter((allocation) => allocation.owner !== owner);
  const before = all.find((allocation) => allocation.owner === owner);
  const own = link.spec.ips;
  checkOwn(network, spec.name, link.spec, others);
  const pick = (family: 'ipv4' | 'ipv6') => {
    const given = own.find((ip) => ip.family === family)?.address;
    if (given !== undefined || own.length > 0) return given;
    return (
      promised(network, family, link.mac) ??
      chooseFor(network, family, others, family === 'ipv4' ? before?.ipv4 : before?.ipv6)
    );
  };
  const [ipv4, ipv6] = [pick('ipv4'), pick('ipv6')];
  const allocation: Allocation = {
    owner,
    name: spec.name,
    host: chooseHostName(spec.name, takenHostNames(network, others), before?.host),
    mac: link.mac,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
  if (JSON.stringify(before) !== JSON.stringify(allocation)) {
    const at = all.findIndex((known) => known.owner === owner);
    await writeAllocations(paths, network.spec.name, at === -1 ? [...all, allocation] : all.with(at, allocation));
  }
  const changed = await writeHostsFiles(paths, network.spec.name, owner, formatHosts(network, allocation));
  // Of what is new it hears by itself.
  if (changed && before !== undefined) await networkByHelper(helper, 'reload', network.spec.name, network.dir);
  if (own.length > 0) return { ips: [], routes: [] };
  const addresses = [ipv4, ipv6].flatMap((address): IpSpec[] => {
    const subnet = network.spec.ips.find((ip) => address !== undefined && contains(ip, address));
    if (address === undefined || subnet === undefined) return [];
    return [{ family: subnet.family, address, prefix: subnet.prefix }];
  });
  return { ips: addresses, routes: link.spec.routes.length > 0 ? [] : defaultRoutes(network, addresses) };
}

/** @throws CtrError CTR_UNSUPPORTED when the network is full */
function chooseFor(
  { spec }: LoadedNetwork,
  family: 'ipv4' | 'ipv6',
  others: readonly Allocation[],
  before: string | undefined,
): string | undefined {
  const subnets = spec.ips.filter((ip) => ip.family === family);
  if (subnets.length === 0) return undefined;
  const taken = new Set(others.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter((address) => address !== undefined)));
  for (const subnet of subnets) {
    for (const { ip } of subnet.dhcp?.hosts ?? []) taken.add(ip);
    for (const { ip } of spec.dns.hosts) taken.add(ip);
    if (before !== undefined && contains(subnet, before) && !taken.has(before) && before !== subnet.address)
      return before;
    const pool: AddressPool = { subnet, ranges: subnet.dhcp?.ranges ?? [], taken };
    const address = chooseAddress(pool);
    if (address !== undefined) return address;
  }
  throw new CtrError('CTR_UNSUPPORTED', `cannot join network '${spec.name}': all its ${family} addresses are taken`, {
    hint: `a larger network: ctr net edit ${spec.name}`,
  });
}

/** Addresses that a definition gives itself. @throws CtrError CTR_BAD_CONFIG */
function checkOwn(
  { spec }: LoadedNetwork,
  container: string,
  { ips }: InterfaceSpec,
  others: readonly Allocation[],
): void {
  for (const { address } of ips) {
    const refuse = (reason: string) => {
      throw new CtrError(
        'CTR_BAD_CONFIG',
        `cannot join network '${spec.name}': the address ${address} of '${container}' ${reason}`,
      );
    };
    const [family] = address.includes(':') ? ['ipv6'] : ['ipv4'];
    const subnets = spec.ips.filter((ip) => ip.family === family);
    if (subnets.length > 0 && !subnets.some((subnet) => contains(subnet, address)))
      refuse(`is not in ${subnets.map((ip) => `${ip.address}/${ip.prefix}`).join(' or ')}`);
    if (subnets.some((subnet) => subnet.address === address)) refuse("is the host's own");
    const owner = others.find(({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address);
    if (owner !== undefined) refuse(`is that of '${owner.name}'`);
  }
}

/** By way of the host, where the network leads somewhere. */
function defaultRoutes({ spec }: LoadedNetwork, addresses: readonly IpSpec[]): RouteSpec[] {
  if (spec.forward.mode === 'none') return [];
  return addresses.flatMap(({ family, address }) => {
    const gateway = spec.ips.find((ip) => ip.family === family && contains(ip, address))?.address;
    return gateway === undefined ? [] : [{ family, address: family === 'ipv4' ? '0.0.0.0' : '::', prefix: 0, gateway }];
  });
}

function formatHosts(
  { spec }: LoadedNetwork,
  { name, host = name, mac, ipv4, ipv6 }: Allocation,
): HostsFiles | undefined {
  const addresses = [ipv4, ipv6].filter((address) => address !== undefined);
  if (addresses.length === 0) return undefined;
  const names = spec.domain === undefined ? host : `${host}.${spec.domain.name} ${host}`;
  const isLent = ({ dhcp }: NetworkIpSpec) => dhcp !== undefined && !dhcp.hosts.some((known) => known.mac === mac);
  const reserved = addresses.filter((address) => spec.ips.some((ip) => isLent(ip) && contains(ip, address)));
  return {
    names: addresses.map((address) => `${address} ${names}\n`).join(''),
    ...(reserved.length === 0 ? {} : { reserved: formatReserved(mac, reserved) }),
  };
}

/** What the definition of the network promises to this MAC address. */
function promised({ spec }: LoadedNetwork, family: 'ipv4' | 'ipv6', mac: string): string | undefined {
  return spec.ips
    .filter((ip) => ip.family === family)
    .flatMap(({ dhcp }) => dhcp?.hosts ?? [])
    .find((host) => host.mac === mac)?.ip;
}

/** Names that others have, or the definition gives away. */
function takenHostNames({ spec }: LoadedNetwork, others: readonly Allocation[]): Set<string> {
  const given = [
    ...spec.dns.hosts.flatMap(({ names }) => names),
    ...spec.ips.flatMap(({ dhcp }) => (dhcp?.hosts ?? []).map(({ name }) => name ?? '')),
  ];
  const end = spec.domain === undefined ? '' : `.${spec.domain.name.toLowerCase()}`;
  const plain = given
    .map((name) => name.toLowerCase())
    .map((name) => (name.endsWith(end) ? name.slice(0, name.length - end.length) : name));
  return new Set([...others.map(({ name, host = foldHostName(name) }) => host), ...plain]);
}

/** Gives back all addresses of a container. */
export async function leaveNetworks(paths: Paths, helper: string, uuid: string): Promise<void> {
  for (const name of listNetworkNames(paths.stateDir)) {
    const isOurs = ({ owner }: Allocation) => owner.startsWith(`${uuid}/`);
    if (!readAllocations(paths, name).some(isOurs)) continue;
    await withNetworkLock(paths, helper, name, async () => {
      const all = readAllocations(paths, name);
      await writeAllocations(
        paths,
        name,
        all.filter((allocation) => !isOurs(allocation)),
      );
      const gone = all.filter(isOurs);
      for (const { owner } of gone) await writeHostsFiles(paths, name, owner, undefined);
      await forgetLeases(paths, helper, name, gone);
    });
  }
}
