import { finishAddress, finishRoute } from './finish-address.js';
import { hostLinkName, ipAddress, linkName, macAddress, objectName } from './network-values.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  live,
  liveAttribute,
  refused,
  refusedAttribute,
  type Shape,
} from './rows.js';
import { integer, oneOf } from './values.js';

const family = attribute('family', 'taken from the address when missing', oneOf(['ipv4', 'ipv6']));
const address = attribute('address', 'IPv4 or IPv6', ipAddress, { required: true });
const prefix = attribute(
  'prefix',
  "bits of the network; when missing: the address's class, 64 for IPv6",
  integer(0, 128),
);

const ip = element('ip', 'an address', {
  many: true,
  attributes: [address, family, prefix, attribute('peer', 'the other end of a point-to-point link', ipAddress)],
  finish: finishAddress,
});

const route = element('route', 'a route by this interface', {
  many: true,
  attributes: [
    family,
    { ...address, about: 'the destination: an address without bits behind its prefix' },
    prefix,
    attribute('netmask', 'instead of a prefix, IPv4 only', ipAddress),
    attribute('gateway', 'the next hop', ipAddress, { required: true }),
    attribute('metric', 'priority; lower wins', integer(1, 4294967295)),
  ],
  finish: finishRoute,
});

const mac = element('mac', "the container end's address; when missing: derived from the uuid", {
  attributes: [
    attribute('address', 'a unicast address', macAddress, { required: true }),
    ...ignoredAttributes('type', 'check'),
  ],
});

const before = [mac];
const behind: ElementRow[] = [
  ...['virtualport', 'vlan', 'bandwidth', 'port'].map((name) => refused(name, 'what a switch does with the traffic')),
  { ...ip, about: 'an address of the container end; brings the link up' },
  { ...route, about: 'a route inside the container' },
  refused('script', "libvirt's LXC driver refuses it, too"),
  refused('downscript', "libvirt's LXC driver refuses it, too"),
  ...ignored('backenddomain'),
  element('target', 'the host end', {
    attributes: [
      attribute('dev', 'name of the host end; made up when missing', hostLinkName),
      ...ignoredAttributes('managed'),
    ],
    dropEmpty: true,
  }),
  element('guest', 'the container end', {
    attributes: [
      attribute('dev', 'name inside; when missing: ethN, N counting the interfaces without a name', linkName),
      liveAttribute('actual', 'the name inside a running domain'),
    ],
    dropEmpty: true,
  }),
  ...ignored('model', 'driver', 'backend'),
  refused('filterref', 'network filters'),
  ...ignored('tune'),
  element('link', 'the state of the container end', {
    attributes: [
      attribute('state', '`up` brings it up even without an address', oneOf(['up', 'down']), { required: true }),
    ],
  }),
  ...ignored('mtu', 'coalesce', 'teaming', 'boot', 'rom', 'acpi'),
  live('alias', "libvirt's name of the device in a running domain"),
  ...ignored('address'),
];

function shape(about: string, source: ElementRow): Shape & { readonly about: string } {
  return { about, attributes: [], children: [...before, source, ...behind] };
}

const network = shape('a veth pair, its host end in the bridge of a virtual network', {
  ...element('source', 'the network', { required: true }),
  attributes: [
    attribute('network', 'name of the network', objectName, { required: true }),
    refusedAttribute('portgroup', 'port groups of a network'),
    liveAttribute('portid', 'the port of a running domain'),
    liveAttribute('bridge', 'the bridge of a running domain'),
  ],
});

const bridge = shape('a veth pair, its host end in a bridge of the host', {
  ...element('source', 'the bridge', { required: true }),
  attributes: [attribute('bridge', 'name of the bridge', linkName, { required: true })],
});

const ethernet = shape('a veth pair, its host end free', {
  ...element('source', 'addresses and routes of the host end', { dropEmpty: true }),
  attributes: ignoredAttributes('dev'),
  children: [
    { ...ip, about: 'an address of the host end' },
    { ...route, about: 'a route of the host by the host end' },
  ],
});

const OTHER = "libvirt's LXC driver cannot do it, either";

/** `<interface>`: a link between the host and the container. */
export const interfaceRow = element('interface', 'a network interface', {
  many: true,
  attributes: [attribute('type', 'what the host end is', oneOf(['network', 'bridge', 'ethernet']), { required: true })],
  variants: {
    attribute: 'type',
    shapes: { network, bridge, ethernet },
    refused: {
      direct: 'a macvlan on a device of the host',
      ...Object.fromEntries(
        ['user', 'hostdev', 'vhostuser', 'server', 'client', 'mcast', 'udp', 'internal', 'vdpa', 'null', 'vds'].map(
          (type) => [type, OTHER],
        ),
      ),
    },
  },
});
