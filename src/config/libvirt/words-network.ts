import type { BandwidthLimit, BandwidthSpec, FilterSpec, InterfaceSpec, IpSpec, PortSpec, RouteSpec } from '../spec.js';
import { hostLinkName, ipAddress, linkName, macAddress, objectName } from './network-values.js';
import { integer, matching, oneOf } from './values.js';
import { child, children, count, flag, number, objectWord, text, textWord, type Word } from './word.js';

/** Words about links. */

const required = { required: true };

/** A link as no element of libvirt can say it, and its place among all of them. */
export type PlacedInterface = InterfaceSpec & { readonly index: number };

const destination = [
  text('address', 'IPv4 or IPv6', ipAddress, required),
  number('prefix', 'bits of the network', integer(0, 128), required),
];

/** The family is that of the address. */
function withFamily<T extends IpSpec | RouteSpec>(word: Word<T>): Word<T> {
  return {
    ...word,
    read: (element) => {
      const read = word.read(element);
      return { ...read, family: read.address.includes(':') ? 'ipv6' : 'ipv4' };
    },
  };
}

const ip = (name: string, about: string) =>
  withFamily(
    objectWord<IpSpec>(name, about, [
      ...destination,
      text('peer', 'the other end of a point-to-point link', ipAddress),
      text('broadcast', "IPv4; when missing: the kernel's", ipAddress),
    ]),
  );

const route = (name: string, about: string) =>
  withFamily(
    objectWord<RouteSpec>(name, about, [
      ...destination,
      text('gateway', 'the next hop; when missing: by the link alone', ipAddress),
      number('metric', 'priority; lower wins', integer(0, 4294967295)),
    ]),
  );

const kibibytes = integer(1, 4294967295);

const limit = (name: string, about: string) =>
  objectWord<BandwidthLimit>(name, about, [
    number('average', 'KiB a second', integer(0, 4294967295), { key: 'averageKBytes', required: true }),
    number('peak', 'KiB a second, at most', kibibytes, { key: 'peakKBytes' }),
    number('burst', 'KiB at the speed of the peak', kibibytes, { key: 'burstKBytes' }),
    number('floor', 'KiB a second that are never taken away; a start refuses', kibibytes, { key: 'floorKBytes' }),
  ]);

const bandwidth = objectWord<BandwidthSpec>('bandwidth', 'limits of speed', [
  child('inbound', limit('inbound', 'towards the container')),
  child('outbound', limit('outbound', 'from the container')),
]);

const filter = objectWord<FilterSpec>('filter', "what it sends under somebody else's name is dropped", [
  text('name', 'its name', oneOf(['clean-traffic']), required),
  children('addresses', textWord('address', 'one of its own, besides those that it is given', ipAddress)),
]);

const TYPES = ['network', 'bridge', 'ethernet', 'direct', 'ipvlan', 'vlan', 'phys', 'user'];
const MODES = ['private', 'vepa', 'bridge', 'passthrough', 'l2', 'l3', 'l3s'];

export const interfaceWord = objectWord<PlacedInterface>('interface', "a link that libvirt's <interface> cannot say", [
  number('index', 'its place among all links, from 0', count, required),
  text('type', 'what it is', oneOf(TYPES), required),
  text('source', 'the network, bridge or link', matching('a name', /^[^\s/]{1,64}$/)),
  text('mode', 'of `direct` or `ipvlan`', oneOf(MODES)),
  number('vlan-id', 'of `vlan`', integer(1, 4094), { key: 'vlanId' }),
  flag('bridge-on-demand', 'the bridge is made when needed, and goes with its last port', { key: 'bridgeOnDemand' }),
  number('mtu', 'the largest packet, in bytes', integer(1, 4294967295)),
  text('mac', 'address of the container end', macAddress),
  text('guest', 'name inside', linkName, { key: 'guestName' }),
  text('target', 'name of the host end', hostLinkName, { key: 'targetName' }),
  text('link', '`up` brings it up even without an address', oneOf(['up', 'down']), { key: 'linkState' }),
  text('port-group', 'one of the port groups of the network', objectName, { key: 'portGroup' }),
  flag('isolated', 'isolated ports of its bridge are out of its reach'),
  child('bandwidth', bandwidth),
  child('filter', filter),
  children('ips', ip('ip', 'an address inside')),
  children('routes', route('route', 'a route inside')),
  children('hostIps', ip('host-ip', 'an address of the host end')),
  children('hostRoutes', route('host-route', 'a route of the host')),
]);

const port = integer(1, 65535);

export const portWord = objectWord<PortSpec>('port', 'a port of the host that leads inside', [
  text('protocol', '`tcp` or `udp`', oneOf(['tcp', 'udp']), required),
  text('address', 'of the host; when missing: all of them', ipAddress),
  number('host', 'port of the host', port, required),
  number('container', 'port inside', port, required),
]);
