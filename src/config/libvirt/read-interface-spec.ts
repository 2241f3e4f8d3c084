import { defaultPrefix, parseIpAddress, prefixOfNetmask } from '../ip-address.js';
import type { InterfaceSpec, IpSpec, RouteSpec } from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { isOwnLinkName } from './network-values.js';

/** The spec of an `<interface>` that was read without errors. */
export function readInterface(link: DomainElement): InterfaceSpec {
  const type = link.attributes.get('type') as InterfaceSpec['type'];
  const source = descendant(link, 'source');
  const name = source?.attributes.get(type);
  const mac = descendant(link, 'mac')?.attributes.get('address');
  const guestName = descendant(link, 'guest')?.attributes.get('dev');
  const targetName = descendant(link, 'target')?.attributes.get('dev');
  const linkState = descendant(link, 'link')?.attributes.get('state') as 'up' | 'down' | undefined;
  return {
    type,
    ...(name === undefined ? {} : { source: name }),
    ...(mac === undefined ? {} : { mac }),
    ...(guestName === undefined ? {} : { guestName }),
    ...(targetName === undefined || !isOwnLinkName(targetName) ? {} : { targetName }),
    ...(linkState === undefined ? {} : { linkState }),
    ips: childrenOf(link, 'ip').map((ip) => readIp(ip)),
    routes: childrenOf(link, 'route').map((route) => readRoute(route)),
    hostIps: childrenOf(source, 'ip').map((ip) => readIp(ip)),
    hostRoutes: childrenOf(source, 'route').map((route) => readRoute(route)),
  };
}

function readIp({ attributes }: DomainElement): IpSpec {
  const peer = attributes.get('peer');
  return { ...readDestination(attributes), ...(peer === undefined ? {} : { peer }) };
}

function readRoute({ attributes }: DomainElement): RouteSpec {
  const metric = attributes.get('metric');
  const gateway = attributes.get('gateway') ?? '';
  return { ...readDestination(attributes), gateway, ...(metric === undefined ? {} : { metric: Number(metric) }) };
}

function readDestination(attributes: ReadonlyMap<string, string>): Pick<IpSpec, 'family' | 'address' | 'prefix'> {
  const address = attributes.get('address') ?? '';
  return { family: address.includes(':') ? 'ipv6' : 'ipv4', address, prefix: readPrefix(address, attributes) };
}

function readPrefix(address: string, attributes: ReadonlyMap<string, string>): number {
  const written = attributes.get('prefix');
  if (written !== undefined) return Number(written);
  const netmask = parseIpAddress(attributes.get('netmask') ?? '');
  const bytes = parseIpAddress(address);
  return (netmask && prefixOfNetmask(netmask)) ?? (bytes && defaultPrefix(bytes)) ?? 0;
}
