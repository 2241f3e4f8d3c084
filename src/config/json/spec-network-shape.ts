import type { BandwidthLimit, BandwidthSpec, FilterSpec, InterfaceSpec, IpSpec, PortSpec, RouteSpec } from '../spec.js';
import { list } from './shape-lists.js';
import { objectOf, optional, required } from './shape-objects.js';
import { anyText, boolean, integer, oneOf, text } from './shape-values.js';

/** Tables of `spec-network.ts`. */

const family = oneOf(['ipv4', 'ipv6']);
const address = text('an address', /^[0-9A-Fa-f:.]+$/);
const prefix = integer(0, 128);
const linkName = text('a name of a link', /^[^\s/:]{1,15}$/);

const ip = objectOf<IpSpec>('an address', {
  family: required('IPv4 or IPv6', family),
  address: required('address', address),
  prefix: required('length of the network’s part', prefix),
  peer: optional('other end of a point-to-point link', address),
  broadcast: optional('IPv4; absent: the kernel’s', address),
});

const route = objectOf<RouteSpec>('a route', {
  family: required('IPv4 or IPv6', family),
  address: required('destination', address),
  prefix: required('its length', prefix),
  gateway: optional('absent: by the link alone', address),
  metric: optional('lower is preferred', integer(0, 2 ** 32 - 1)),
});

const kibibytes = integer(1, 2 ** 32 - 1);

const bandwidthLimit = objectOf<BandwidthLimit>('limits of one direction, in KiB', {
  averageKBytes: required('KiB a second', integer(0, 2 ** 32 - 1)),
  peakKBytes: optional('KiB a second, at most', kibibytes),
  burstKBytes: optional('KiB at the speed of the peak', kibibytes),
  floorKBytes: optional('KiB a second that are never taken away; a start refuses', kibibytes),
});

const bandwidth = objectOf<BandwidthSpec>('limits of speed', {
  inbound: optional('towards the container', bandwidthLimit),
  outbound: optional('from the container', bandwidthLimit),
});

const filter = objectOf<FilterSpec>('a filter', {
  name: required('its name', oneOf(['clean-traffic'])),
  addresses: required('besides those that it is given', list(address)),
});

export const interfaceShape = objectOf<InterfaceSpec>('an interface', {
  type: required('kind of link', oneOf(['network', 'bridge', 'ethernet', 'direct', 'ipvlan', 'vlan', 'phys', 'user'])),
  source: optional('network, bridge or link of the host', anyText),
  mode: optional('of macvlan and ipvlan', oneOf(['private', 'vepa', 'bridge', 'passthrough', 'l2', 'l3', 'l3s'])),
  vlanId: optional('of a vlan', integer(1, 4094)),
  bridgeOnDemand: optional('the bridge is made on demand and goes with its last port', boolean),
  mtu: optional('bytes', integer(1, 2 ** 31 - 1)),
  mac: optional('absent: derived from the uuid', text('a MAC address', /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)),
  guestName: optional('name inside; absent: eth0, eth1, …', linkName),
  targetName: optional('name of the end on the host', linkName),
  linkState: optional('absent: up where it has an address, or is of a network', oneOf(['up', 'down'])),
  portGroup: optional('one of the port groups of the network', text('a name', /^[^\s/]{1,64}$/)),
  bandwidth: optional('limits of speed', bandwidth),
  isolated: optional('isolated ports of its bridge are out of its reach', boolean),
  filter: optional('what is sent under somebody else’s name is dropped', filter),
  ips: required('addresses inside', list(ip)),
  routes: required('routes inside', list(route)),
  hostIps: required('addresses of the end on the host', list(ip)),
  hostRoutes: required('routes of the host', list(route)),
});

const port = integer(1, 65535);

export const portShape = objectOf<PortSpec>('a port', {
  protocol: required('tcp or udp', oneOf(['tcp', 'udp'])),
  address: optional('of the host; absent: all of them', address),
  host: required('port of the host', port),
  container: required('port inside', port),
});
