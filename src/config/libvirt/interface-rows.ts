import { addressRows } from './address-rows.js';
import type { DomainElement } from './domain-element.js';
import { filterRow } from './filter-rows.js';
import { foreignInterfaces } from './foreign-interface-rows.js';
import { hostLinkName, isOwnLinkName, linkName, macAddress, objectName } from './network-values.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  live,
  liveAttribute,
  refused,
  type Variant,
} from './rows.js';
import { switchRows } from './switch-rows.js';
import { integer, oneOf } from './values.js';

const mac = element('mac', "the container end's address; when missing: derived from the uuid", {
  attributes: [
    attribute('address', 'a unicast address', macAddress, { required: true }),
    ...ignoredAttributes('type', 'check'),
  ],
});

/** The name of a device that somebody else made stays, whatever it looks like. */
function dropMadeUpName(target: DomainElement): DomainElement {
  const { attributes } = target;
  if (isOwnLinkName(attributes.get('dev') ?? '') || attributes.get('managed') === 'no') return target;
  return { ...target, attributes: new Map([...attributes].filter(([name]) => name !== 'dev')) };
}

const behind: readonly ElementRow[] = [
  ...switchRows,
  ...addressRows('an address of the container end; brings the link up', 'a route inside the container'),
  refused('portForward', 'forwarding of ports', { many: true }),
  refused('script', "a script, which libvirt's LXC driver refuses, too"),
  refused('downscript', "a script, which libvirt's LXC driver refuses, too"),
  ...ignored('backenddomain'),
  element('target', 'the host end', {
    attributes: [
      attribute('dev', 'name of the host end; made up when missing', hostLinkName),
      ...ignoredAttributes('managed'),
    ],
    dropEmpty: true,
    finish: dropMadeUpName,
  }),
  element('guest', 'the container end', {
    attributes: [
      attribute('dev', 'name inside; when missing: ethN, N counting the interfaces without a name', linkName),
      ...ignoredAttributes('actual'),
    ],
    dropEmpty: true,
  }),
  ...ignored('model', 'driver', 'backend'),
  filterRow,
  ...ignored('tune', 'teaming'),
  element('link', 'the state of the container end', {
    attributes: [
      attribute('state', '`up` brings it up even without an address', oneOf(['up', 'down']), { required: true }),
    ],
  }),
  element('mtu', 'the largest packet', {
    attributes: [attribute('size', 'bytes', integer(68, 65535), { required: true })],
  }),
  ...ignored('coalesce', 'boot', 'rom', 'acpi'),
  live('alias', "libvirt's name of the device in a running domain"),
  ...ignored('address'),
];

function variant(about: string, ...source: readonly ElementRow[]): Variant {
  return { about, attributes: [], children: [mac, ...source, ...behind] };
}

const networkOf = [
  attribute('portgroup', 'one of the port groups of the network; when missing: its default one', objectName),
  liveAttribute('portid', 'the port of a running domain'),
];

const network = variant('a veth pair, its host end in the bridge of a virtual network', {
  ...element('source', 'the network', { required: true }),
  attributes: [
    attribute('network', 'name of the network', objectName, { required: true }),
    ...networkOf,
    liveAttribute('bridge', 'the bridge of a running domain'),
  ],
});

const bridge = variant('a veth pair, its host end in a bridge of the host', {
  ...element('source', 'the bridge', { required: true }),
  attributes: [
    attribute('bridge', 'name of the bridge', linkName, { required: true }),
    ...ignoredAttributes('macTableManager'),
  ],
});

const ethernet = variant('a veth pair, its host end free', {
  ...element('source', 'addresses and routes of the host end', { dropEmpty: true }),
  attributes: ignoredAttributes('dev'),
  children: addressRows('an address of the host end', 'a route of the host by the host end'),
});

const direct = variant('a macvlan on a link of the host', {
  ...element('source', 'the link', { required: true }),
  attributes: [
    attribute('dev', 'name of the link', linkName, { required: true }),
    attribute('mode', 'who may talk to whom', oneOf(['vepa', 'bridge', 'private', 'passthrough']), {
      byDefault: 'vepa',
    }),
  ],
});

const user = variant("a link by pasta(1) or slirp4netns(1), for an ordinary user's container", {
  ...element('source', 'nothing that has an effect', { dropEmpty: true }),
  attributes: ignoredAttributes('dev'),
});

const shapes = { network, bridge, ethernet, direct, user, ...foreignInterfaces((...source) => variant('', ...source)) };

/** `<interface>`: a link between the host and the container. */
export const interfaceRow = element('interface', 'a network interface', {
  many: true,
  attributes: [
    attribute('type', 'what the host end is', oneOf(Object.keys(shapes)), { required: true }),
    ...ignoredAttributes('managed', 'trustGuestRxFilters'),
  ],
  variants: { attribute: 'type', shapes },
});

/** What an interface may ask for and no start gives: name of the child to words that complete "asks for". */
export const REFUSED_PARTS: ReadonlyMap<string, string> = new Map(
  behind.filter(({ standing }) => standing === 'refused').map(({ name, about }) => [name, about]),
);
