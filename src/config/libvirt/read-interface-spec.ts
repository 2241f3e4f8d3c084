import { defaultPrefix, parseIpAddress, prefixOfNetmask } from '../ip-address.js';
import type { FilterSpec, InterfaceSpec, IpSpec, RouteSpec } from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { CLEAN_TRAFFIC } from './filter-rows.js';
import { isOwnLinkName } from './network-values.js';
import { attributeOf, optional, textOf } from './pick.js';
import { placeAmong } from './place-among.js';
import { readBandwidth } from './read-bandwidth.js';
import type { PlacedInterface } from './words-network.js';

/** Types of `<interface>` that a container can have. */
export const LINK_TYPES: ReadonlySet<string> = new Set(['network', 'bridge', 'ethernet', 'direct', 'user']);

/** All links in their order: libvirt's interfaces, its links of the host, those of the extension at their places. */
export function readInterfaces(
  devices: DomainElement | undefined,
  placed: readonly PlacedInterface[],
): readonly InterfaceSpec[] {
  return placeAmong(listInterfaces(devices), placed);
}

/** What libvirt's elements say. */
export function listInterfaces(devices: DomainElement | undefined): readonly InterfaceSpec[] {
  const links = childrenOf(devices, 'interface').filter((link) => LINK_TYPES.has(attributeOf(link, 'type') ?? ''));
  const physical = childrenOf(devices, 'hostdev').filter((hostdev) => attributeOf(hostdev, 'type') === 'net');
  return [...links.map((link) => readInterface(link)), ...physical.map((hostdev) => readPhysical(hostdev))];
}

function readInterface(link: DomainElement): InterfaceSpec {
  const type = attributeOf(link, 'type') as InterfaceSpec['type'];
  const source = descendant(link, 'source');
  const targetName = attributeOf(link, 'dev', 'target');
  const mtu = attributeOf(link, 'size', 'mtu');
  return {
    type,
    ...optional('source', type === 'user' ? undefined : attributeOf(source, type === 'direct' ? 'dev' : type)),
    ...optional('mode', type === 'direct' ? (attributeOf(source, 'mode') as InterfaceSpec['mode']) : undefined),
    ...optional('mtu', mtu === undefined ? undefined : Number(mtu)),
    ...optional('mac', attributeOf(link, 'address', 'mac')),
    ...optional('guestName', attributeOf(link, 'dev', 'guest')),
    ...(targetName === undefined || !isOwnLinkName(targetName) ? {} : { targetName }),
    ...optional('linkState', attributeOf(link, 'state', 'link') as 'up' | 'down' | undefined),
    ...optional('portGroup', type === 'network' ? attributeOf(source, 'portgroup') : undefined),
    ...optional('bandwidth', readBandwidth(descendant(link, 'bandwidth'))),
    ...optional('isolated', attributeOf(link, 'isolated', 'port') === 'yes' ? true : undefined),
    ...optional('filter', readFilter(descendant(link, 'filterref'))),
    ips: childrenOf(link, 'ip').map((ip) => readIp(ip)),
    routes: childrenOf(link, 'route').map((route) => readRoute(route)),
    hostIps: childrenOf(source, 'ip').map((ip) => readIp(ip)),
    hostRoutes: childrenOf(source, 'route').map((route) => readRoute(route)),
  };
}

/** Of other filters the refusals tell. */
function readFilter(filter: DomainElement | undefined): FilterSpec | undefined {
  if (filter === undefined || attributeOf(filter, 'filter') !== CLEAN_TRAFFIC) return undefined;
  const addresses = childrenOf(filter, 'parameter')
    .filter((parameter) => attributeOf(parameter, 'name') === 'IP')
    .map((parameter) => attributeOf(parameter, 'value') ?? '');
  return { name: CLEAN_TRAFFIC, addresses };
}

/** `<hostdev type='net'>`: the link keeps its name inside. */
function readPhysical(hostdev: DomainElement): InterfaceSpec {
  const source = textOf(hostdev, 'source', 'interface') ?? '';
  return {
    type: 'phys',
    source,
    guestName: source,
    ips: childrenOf(hostdev, 'ip').map((ip) => readIp(ip)),
    routes: childrenOf(hostdev, 'route').map((route) => readRoute(route)),
    hostIps: [],
    hostRoutes: [],
  };
}

function readIp({ attributes }: DomainElement): IpSpec {
  const peer = attributes.get('peer');
  return { ...readDestination(attributes), ...(peer === undefined ? {} : { peer }) };
}

export function readRoute({ attributes }: DomainElement): RouteSpec {
  const metric = attributes.get('metric');
  const gateway = attributes.get('gateway') ?? '';
  return { ...readDestination(attributes), gateway, ...(metric === undefined ? {} : { metric: Number(metric) }) };
}

function readDestination(attributes: ReadonlyMap<string, string>): Pick<IpSpec, 'family' | 'address' | 'prefix'> {
  const address = attributes.get('address') ?? '';
  return { family: address.includes(':') ? 'ipv6' : 'ipv4', address, prefix: readPrefix(address, attributes) };
}

/** Bits of an address's network: as written, else of its netmask, else of its class. */
export function readPrefix(address: string, attributes: ReadonlyMap<string, string>): number {
  const written = attributes.get('prefix');
  if (written !== undefined) return Number(written);
  const netmask = parseIpAddress(attributes.get('netmask') ?? '');
  const bytes = parseIpAddress(address);
  return (netmask && prefixOfNetmask(netmask)) ?? (bytes && defaultPrefix(bytes)) ?? 0;
}
