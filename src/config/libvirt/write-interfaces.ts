import { defaultPrefix, parseIpAddress } from '../ip-address.js';
import type { BandwidthLimit, BandwidthSpec, FilterSpec, InterfaceSpec, IpSpec, RouteSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { isOwnLinkName, linkName, objectName } from './network-values.js';
import type { PlacedInterface } from './words-network.js';

/** Links: `<interface>` and `<hostdev type='net'>` for what libvirt can say, the extension for the rest. */

interface SplitInterfaces {
  readonly plain: readonly InterfaceSpec[];
  readonly placed: readonly PlacedInterface[];
}

/** Links of the host stand behind the others in libvirt's order: only those at the end are theirs. */
export function splitInterfaces(interfaces: readonly InterfaceSpec[]): SplitInterfaces {
  const lastOther = interfaces.findLastIndex((link) => !saysPhysical(link));
  const isPlain = (link: InterfaceSpec, index: number) =>
    saysInterface(link) || (index > lastOther && saysPhysical(link));
  return {
    plain: interfaces.filter(isPlain),
    placed: interfaces.flatMap((link, index): PlacedInterface[] => (isPlain(link, index) ? [] : [{ index, ...link }])),
  };
}

/** Properties that each type can say, besides those of all. */
const SAID: Readonly<Partial<Record<InterfaceSpec['type'], readonly string[]>>> = {
  network: ['source', 'portGroup', 'isolated', 'bandwidth', 'filter'],
  bridge: ['source', 'isolated', 'bandwidth', 'filter'],
  ethernet: ['bandwidth', 'filter'],
  user: ['filter'],
  direct: ['source', 'mode'],
};
const COMMON = 'type mac guestName targetName linkState mtu ips routes hostIps hostRoutes'.split(' ');

function saysInterface(link: InterfaceSpec): boolean {
  const said = SAID[link.type];
  if (said === undefined || Object.keys(link).some((key) => !COMMON.includes(key) && !said.includes(key))) return false;
  if (['source', 'mode'].some((key) => said.includes(key) && link[key as keyof InterfaceSpec] === undefined))
    return false;
  if (link.isolated === false || !saysBandwidth(link)) return false;
  if (link.type === 'direct' && !['vepa', 'bridge', 'private', 'passthrough'].includes(link.mode ?? '')) return false;
  if (link.type !== 'ethernet' && link.hostIps.length + link.hostRoutes.length > 0) return false;
  const name = link.type === 'network' ? objectName : linkName;
  return (
    (link.source === undefined || name.read(link.source).ok) &&
    (link.targetName === undefined || isOwnLinkName(link.targetName)) &&
    (link.mtu === undefined || (link.mtu >= 68 && link.mtu <= 65535)) &&
    saysAddresses(link)
  );
}

/** Each limit that is there has a number, and none is 0. */
function saysBandwidth({ bandwidth }: InterfaceSpec): boolean {
  if (bandwidth === undefined) return true;
  const limits = Object.values(bandwidth) as readonly BandwidthLimit[];
  return limits.length > 0 && limits.every(({ averageKBytes }) => averageKBytes > 0);
}

function saysPhysical(link: InterfaceSpec): boolean {
  const { type, source, guestName, hostIps, hostRoutes } = link;
  const said = ['type', 'source', 'guestName', 'ips', 'routes', 'hostIps', 'hostRoutes'];
  return (
    type === 'phys' &&
    source !== undefined &&
    guestName === source &&
    hostIps.length + hostRoutes.length === 0 &&
    Object.keys(link).every((key) => said.includes(key)) &&
    saysAddresses(link)
  );
}

function saysAddresses({ ips, routes, hostIps, hostRoutes }: InterfaceSpec): boolean {
  return (
    [...ips, ...hostIps].every(({ broadcast }) => broadcast === undefined) &&
    [...routes, ...hostRoutes].every(({ gateway, metric }) => gateway !== undefined && metric !== 0)
  );
}

export function writeInterface(link: InterfaceSpec): DomainElement {
  const { type, source, mac, guestName, targetName, linkState, mtu } = link;
  if (type === 'phys') return writePhysical(link);
  const hostSide = writeAddresses(link.hostIps, link.hostRoutes);
  return makeElement('interface', { type }, [
    mac === undefined ? undefined : makeElement('mac', { address: mac }),
    makeElement(
      'source',
      type === 'direct'
        ? { dev: source, mode: link.mode }
        : type === 'ethernet' || type === 'user'
          ? {}
          : { [type]: source, portgroup: link.portGroup },
      hostSide,
    ),
    link.bandwidth === undefined ? undefined : writeBandwidth(link.bandwidth),
    link.isolated === true ? makeElement('port', { isolated: 'yes' }) : undefined,
    ...writeAddresses(link.ips, link.routes),
    targetName === undefined ? undefined : makeElement('target', { dev: targetName }),
    guestName === undefined ? undefined : makeElement('guest', { dev: guestName }),
    link.filter === undefined ? undefined : writeFilter(link.filter),
    linkState === undefined ? undefined : makeElement('link', { state: linkState }),
    mtu === undefined ? undefined : makeElement('mtu', { size: mtu }),
  ]);
}

function writeFilter({ name, addresses }: FilterSpec): DomainElement {
  const parameters = addresses.map((value) => makeElement('parameter', { name: 'IP', value }));
  return makeElement('filterref', { filter: name }, parameters);
}

function writeBandwidth({ inbound, outbound }: BandwidthSpec): DomainElement {
  const write = (name: string, limit: BandwidthLimit | undefined) =>
    limit === undefined
      ? undefined
      : makeElement(name, {
          average: limit.averageKBytes,
          peak: limit.peakKBytes,
          floor: limit.floorKBytes,
          burst: limit.burstKBytes,
        });
  return makeElement('bandwidth', {}, [write('inbound', inbound), write('outbound', outbound)]);
}

function writePhysical({ source, ips, routes }: InterfaceSpec): DomainElement {
  return makeElement('hostdev', { mode: 'capabilities', type: 'net' }, [
    makeElement('source', {}, [makeElement('interface', {}, source)]),
    ...writeAddresses(ips, routes),
  ]);
}

function writeAddresses(ips: readonly IpSpec[], routes: readonly RouteSpec[]): DomainElement[] {
  return [
    ...ips.map(({ address, family, prefix, peer }) => makeElement('ip', { address, family, prefix, peer })),
    ...routes.map((route) => writeRoute(route)),
  ];
}

/** A default route goes without its prefix, as libvirt's own conversion prints it. */
function writeRoute({ family, address, prefix, gateway, metric }: RouteSpec): DomainElement {
  const bytes = parseIpAddress(address);
  const isDefault = prefix === 0 && bytes !== undefined && defaultPrefix(bytes) === 0;
  return makeElement('route', { family, address, prefix: isDefault ? undefined : prefix, gateway, metric });
}
