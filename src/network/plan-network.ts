import { createHash } from 'node:crypto';
import type { InterfaceSpec, IpSpec, PortSpec, RouteSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import { toAddressBytes, toMacBytes, toNetworkBytes } from './address-bytes.js';
import { tableName } from './format-table.js';
import type { JoinedNetwork } from './joined-network.js';
import { type NamedLink, nameLinks } from './name-links.js';
import { planBandwidth } from './plan-bandwidth.js';
import { planFilter } from './plan-filter.js';
import { planUpperLink } from './plan-upper-link.js';

const NO_ADDRESS = new Uint8Array();

/** All of the host's. */
const ANY = { ipv4: new Uint8Array(4), ipv6: new Uint8Array(16) } as const;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** What the links ask of each phase. */
export interface NetworkPlan {
  readonly host: readonly Op[];
  readonly link: readonly Op[];
  readonly init: readonly Op[];
}

/**
 * Links of a container, and what init does with its ends.
 *
 * @param joined what it gets of its networks, by the place of the interface
 * @param ports of the host that lead inside, by the first network that takes any
 * @throws CtrError CTR_UNSUPPORTED on a network that was not joined, CTR_BAD_CONFIG on two links of one name
 */
export function planNetwork(
  interfaces: readonly InterfaceSpec[],
  ownNetwork: boolean,
  uuid: string,
  joined: ReadonlyMap<number, JoinedNetwork> = new Map(),
  ports: readonly PortSpec[] = [],
): NetworkPlan {
  const links = withOneWayOut(nameLinks(interfaces, uuid).map((link, index) => withNetwork(link, joined.get(index))))
    // Those are by a program, not by links of the host.
    .filter(({ spec }) => spec.type !== 'user');
  // A user's network has them of its own.
  const isOwn = interfaces.some(({ type }) => type === 'user');
  return {
    host: planBridges(links),
    link: [...links.flatMap(planHostEnd), ...(isOwn ? [] : planPorts(links, ports))],
    init: [...(ownNetwork ? [{ op: 'loopback' } as const] : []), ...links.flatMap(planGuestEnd)],
  };
}

interface PlannedLink extends NamedLink {
  readonly network: JoinedNetwork | undefined;
}

/** With the addresses that the network gives it. */
function withNetwork(link: NamedLink, network: JoinedNetwork | undefined): PlannedLink {
  if (network === undefined) return { ...link, network };
  const { ips, routes } = link.spec;
  const spec = { ...link.spec, ips: [...ips, ...network.ips], routes: [...routes, ...network.routes] };
  return { ...link, spec, network };
}

/** Of several networks the first leads out: a second default route of one family has no place beside it. */
function withOneWayOut(links: readonly PlannedLink[]): readonly PlannedLink[] {
  const ways = new Set(
    links.flatMap(({ spec, network }) =>
      (network === undefined ? spec.routes.filter(isWayOut) : []).map(({ family }) => family),
    ),
  );
  return links.map((link) => {
    if (link.network === undefined) return link;
    const routes = link.spec.routes.filter((route) => !isWayOut(route) || !ways.has(route.family));
    for (const { family } of routes.filter(isWayOut)) ways.add(family);
    return { ...link, spec: { ...link.spec, routes } };
  });
}

function isWayOut({ prefix, metric }: RouteSpec): boolean {
  return prefix === 0 && metric === undefined;
}

function planHostEnd(planned: PlannedLink): Op[] {
  const { spec, network } = planned;
  const upper = planUpperLink(planned);
  if (upper !== undefined) return [upper];
  const join = network?.plan === undefined ? [] : [{ op: 'network', name: network.name, ...network.plan } as const];
  return [...join, ...planVeth(planned), ...(spec.type === 'ethernet' ? planHostAddresses(planned) : [])];
}

/** The bridge the host's end goes into; '' for none. */
function masterOf({ spec, network }: PlannedLink): string {
  const { type, source = '' } = spec;
  if (type === 'ethernet') return '';
  if (type === 'bridge') return source;
  if (network !== undefined) return network.bridge;
  throw new CtrError('CTR_UNSUPPORTED', `cannot connect to network '${source}': it is not there`);
}

function planVeth(planned: PlannedLink): Op[] {
  const { spec, host, guest, mac, network } = planned;
  const master = masterOf(planned);
  const isolated = master !== '' && (spec.isolated === true || network?.isolated === true);
  return [
    { op: 'veth', host, guest, mac: toMacBytes(mac), master, mtu: spec.mtu ?? network?.mtu ?? 0 },
    ...(isolated ? [{ op: 'bridge-port', link: host, isolated: 1, hairpin: 0 } as const] : []),
    ...planFilter(planned),
    ...planBandwidth(host, spec.bandwidth ?? network?.bandwidth),
  ];
}

function planHostAddresses({ spec, host }: PlannedLink): Op[] {
  return [
    ...spec.hostIps.map((ip): Op => ({ op: 'host-address', link: host, ...addressOf(ip) })),
    ...spec.hostRoutes.map((route): Op => ({ op: 'host-route', link: host, ...routeOf(route) })),
  ];
}

/** Bridges on demand, each once. */
function planBridges(links: readonly PlannedLink[]): Op[] {
  const names = links.flatMap(({ spec: { type, source, bridgeOnDemand } }) =>
    type === 'bridge' && bridgeOnDemand === true && source !== undefined ? [source] : [],
  );
  return [...new Set(names)].map((name) => ({
    op: 'bridge',
    name,
    mac: toMacBytes(deriveMac(name)),
    options: OPTION.SHARED,
  }));
}

/** The same on every host and at every start; local and unicast. */
function deriveMac(bridge: string): string {
  const digest = createHash('sha256').update(bridge).digest('hex');
  return ['02', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':');
}

/** @throws CtrError CTR_UNSUPPORTED where they lead nowhere */
function planPorts(links: readonly PlannedLink[], ports: readonly PortSpec[]): Op[] {
  if (ports.length === 0) return [];
  const target = links.find(({ network }) => network?.takesPorts === true);
  const ips = target?.spec.ips ?? [];
  if (target?.network === undefined || ips.length === 0)
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot open port ${ports[0]?.host} of the host: it leads to an address in a network, and the container has none`,
      { hint: "an interface of type 'network' whose network has <forward mode='nat'/> or 'route', as 'default' has" },
    );
  const table = tableName(target.network.name);
  const seen = new Set<string>();
  for (const { protocol, address = '', host } of ports) {
    const key = `${protocol} ${address} ${host}`;
    if (seen.has(key)) throw new CtrError('CTR_BAD_CONFIG', `cannot open port ${host} (${protocol}) of the host twice`);
    seen.add(key);
  }
  return ports.flatMap((port) => {
    const ops = (['ipv4', 'ipv6'] as const).flatMap((family): Op[] => {
      const address = ips.find((ip) => ip.family === family)?.address;
      if (address === undefined || (port.address !== undefined && port.address.includes(':') !== (family === 'ipv6')))
        return [];
      const host = port.address === undefined ? ANY[family] : toAddressBytes(port.address);
      return [
        {
          op: 'network-port',
          table,
          protocol: PROTOCOLS[port.protocol],
          host,
          port: port.host,
          address: toAddressBytes(address),
          target: port.container,
        },
      ];
    });
    if (ops.length > 0) return ops;
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot open port ${port.host} of ${port.address}: the container has no address of that family`,
    );
  });
}

function planGuestEnd({ spec, guest }: NamedLink): Op[] {
  return [
    ...(isUp(spec) ? [{ op: 'link-up', link: guest } as const] : []),
    ...spec.ips.map((ip): Op => ({ op: 'address', link: guest, ...addressOf(ip) })),
    ...spec.routes.map((route): Op => ({ op: 'route', ...routeOf(route) })),
  ];
}

/**
 * libvirt brings a link up when it has an address or is said to be up. One in a network is up here besides: nothing is
 * gained by leaving that to a DHCP client.
 */
function isUp({ type, ips, linkState }: InterfaceSpec): boolean {
  return ips.length > 0 || linkState === 'up' || (type === 'network' && linkState === undefined);
}

function addressOf({ address, prefix, peer }: IpSpec) {
  return { address: toAddressBytes(address), prefix, peer: peer === undefined ? NO_ADDRESS : toAddressBytes(peer) };
}

function routeOf({ address, prefix, gateway, metric = 0 }: RouteSpec) {
  return {
    destination: toNetworkBytes(toAddressBytes(address), prefix),
    prefix,
    gateway: gateway === undefined ? NO_ADDRESS : toAddressBytes(gateway),
    metric,
  };
}
