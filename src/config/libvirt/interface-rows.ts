import { defaultPrefix, isNetworkAddress, parseIpAddress, prefixOfNetmask } from '../ip-address.js';
import type { DomainElement } from './domain-element.js';
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
  type Written,
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

const familyOf = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');

function checkFamily(read: DomainElement, written: Written, ...names: readonly string[]): void {
  const wanted = read.attributes.get('family') ?? familyOf(read.attributes.get('address') ?? '');
  for (const name of names) {
    const value = read.attributes.get(name);
    if (value !== undefined && familyOf(value) !== wanted) {
      written.report.error(
        written.attributeOffset(name),
        `attribute '${name}' of <${read.name}> must be an ${wanted} address, not '${value}'`,
      );
    }
  }
}

function checkPrefix(read: DomainElement, written: Written): number | undefined {
  const { attributes } = read;
  const bytes = parseIpAddress(attributes.get('address') ?? '');
  const mask = parseIpAddress(attributes.get('netmask') ?? '');
  if (bytes === undefined) return undefined;
  const bits = attributes.has('prefix') ? Number(attributes.get('prefix')) : mask && prefixOfNetmask(mask);
  if (mask !== undefined && bits === undefined) {
    written.report.error(written.attributeOffset('netmask'), "attribute 'netmask' must be ones, then zeros");
    return undefined;
  }
  const known = bits ?? defaultPrefix(bytes);
  if (known === undefined) {
    written.report.error(
      written.element.offset,
      `<${read.name}> needs the attribute 'prefix': this address has no class`,
    );
  } else if (known > bytes.length * 8) {
    written.report.error(
      written.attributeOffset('prefix'),
      `attribute 'prefix' of an IPv4 address must be at most 32, not '${known}'`,
    );
    return undefined;
  }
  return known;
}

function finishAddress(read: DomainElement, written: Written): DomainElement {
  checkFamily(read, written, 'address', 'peer');
  checkPrefix(read, written);
  const { attributes } = read;
  const ordered = new Map([
    ['address', attributes.get('address') ?? ''],
    ['family', familyOf(attributes.get('address') ?? '')],
  ]);
  return { ...read, attributes: new Map([...ordered, ...attributes]) };
}

function finishRoute(read: DomainElement, written: Written): DomainElement {
  const { attributes } = read;
  checkFamily(read, written, 'address', 'gateway', 'netmask');
  if (attributes.has('netmask') && attributes.has('prefix')) {
    written.report.error(written.attributeOffset('netmask'), "<route> takes 'prefix' or 'netmask', not both");
  } else if (attributes.has('netmask') && familyOf(attributes.get('address') ?? '') === 'ipv6') {
    written.report.error(written.attributeOffset('netmask'), 'an IPv6 route takes a prefix, no netmask');
  } else {
    const bits = checkPrefix(read, written);
    const bytes = parseIpAddress(attributes.get('address') ?? '');
    if (bits !== undefined && bytes !== undefined && !isNetworkAddress(bytes, bits)) {
      const message = `attribute 'address' of <route> must be a network, but '${attributes.get('address')}' has bits behind its prefix of ${bits}`;
      written.report.error(
        written.attributeOffset('address'),
        message,
        attributes.has('prefix') ? undefined : "say which with 'prefix'",
      );
    }
  }
  const guessed: [string, string][] = familyOf(attributes.get('address') ?? '') === 'ipv6' ? [['family', 'ipv6']] : [];
  return { ...read, attributes: new Map([...guessed, ...attributes]) };
}
