import { addressRows } from '../libvirt/address-rows.js';
import { linkName, macAddress, objectName } from '../libvirt/network-values.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  live,
  liveAttribute,
  refused,
} from '../libvirt/rows.js';
import { anyText, integer, matching, oneLine, oneOf, uuid, yesNo } from '../libvirt/values.js';
import { bandwidthRow } from './bandwidth-row.js';
import { dnsRow } from './dns-row.js';
import { domainName } from './dns-values.js';
import { finishForward, finishNetwork } from './finish-network.js';
import { hostAddressRow } from './host-address-row.js';

/** Modes of `<forward>` that ctr gives, and what libvirt has besides. */
export const FORWARD_MODES = ['nat', 'route', 'open', 'bridge'] as const;
const OTHER_MODES = {
  private: 'it gives containers links of the host, which a start refuses',
  vepa: 'it gives containers links of the host, which a start refuses',
  passthrough: 'it gives containers links of the host, which a start refuses',
  hostdev: 'it gives machines functions of a network card, which a start refuses',
};

const nat = element('nat', 'how addresses are translated', {
  attributes: [attribute('ipv6', '`yes`: addresses of version 6, too', yesNo)],
  children: [
    element('address', 'addresses of the host to be seen as', {
      attributes: [
        attribute('start', 'the first', ipv4(), { required: true }),
        attribute('end', 'the last', ipv4(), { required: true }),
      ],
    }),
    element('port', 'ports of the host to be seen as', {
      attributes: [
        attribute('start', 'the first', integer(1, 65535), { required: true }),
        attribute('end', 'the last', integer(1, 65535), { required: true }),
      ],
    }),
  ],
});

function ipv4() {
  return matching('an IPv4 address', /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/);
}

const forward = element('forward', 'how containers reach the world; without it they do not', {
  attributes: [
    attribute('dev', 'only by this link of the host', linkName),
    attribute(
      'mode',
      '`nat`: as the host; `route`: as themselves; `open`: the same, without rules; `bridge`: by a bridge that is there',
      oneOf(FORWARD_MODES, OTHER_MODES),
      { byDefault: 'nat' },
    ),
    ...ignoredAttributes('managed'),
  ],
  children: [
    ...ignored('driver', 'pf'),
    element('interface', 'the link, as in `dev`', {
      many: true,
      attributes: [
        attribute('dev', 'its name', linkName, { required: true }),
        liveAttribute('connections', 'how many use it now'),
      ],
    }),
    ...ignored('address'),
    nat,
  ],
  finish: finishForward,
});

const portGroup = element('portgroup', 'settings that an interface can name', {
  many: true,
  attributes: [
    attribute('name', 'what `<source portgroup>` says', oneLine, { required: true }),
    attribute('default', 'for interfaces that name none', yesNo),
    ...ignoredAttributes('trustGuestRxFilters'),
  ],
  children: [
    refused('vlan', 'VLAN tags', { many: true }),
    refused('virtualport', 'a virtual port'),
    bandwidthRow,
    refused('port', 'isolation of a port group'),
  ],
});

/** The whole language: `<network>` and everything below it, in libvirt's order (formatnetwork.html). */
export const networkRow: ElementRow = element('network', 'one network', {
  attributes: [
    attribute('ipv6', '`yes`: containers of a network without IPv6 addresses may talk by it to each other', yesNo),
    ...ignoredAttributes('trustGuestRxFilters'),
    liveAttribute('connections', 'how many use it now'),
  ],
  children: [
    element('name', 'name of the network', { required: true, text: objectName }),
    element('uuid', 'given by `net define` when missing', { text: uuid }),
    element('title', 'a short text', { text: oneLine }),
    element('description', 'a text', { text: anyText }),
    element('metadata', "others' elements, kept byte for byte", { foreign: true }),
    forward,
    element('bridge', 'the link of the host that the containers connect to', {
      attributes: [
        attribute('name', 'when missing: made up', linkName),
        ...ignoredAttributes('zone'),
        attribute(
          'stp',
          'spanning tree protocol, which needs a `delay` of 2 or more: without one it stays off',
          oneOf(['on', 'off']),
        ),
        attribute('delay', 'seconds before a new port forwards', integer(0, 30)),
        ...ignoredAttributes('macTableManager'),
      ],
      dropEmpty: true,
    }),
    element('mtu', 'the largest packet', {
      attributes: [attribute('size', 'bytes', integer(68, 65535), { required: true })],
    }),
    element('mac', "the bridge's address; when missing: derived from the uuid", {
      attributes: [attribute('address', 'a unicast address', macAddress, { required: true })],
    }),
    element('domain', 'the domain of the containers', {
      attributes: [
        attribute('name', 'like `web.internal`', domainName, { required: true }),
        attribute('localOnly', '`yes`: names in it are never asked of other servers', yesNo),
        ...ignoredAttributes('register'),
      ],
    }),
    dnsRow,
    refused('vlan', 'VLAN tags', { many: true }),
    bandwidthRow,
    element('port', 'what holds for each port', {
      attributes: [attribute('isolated', '`yes`: containers reach the host, and not each other', yesNo)],
      dropEmpty: true,
    }),
    hostAddressRow,
    ...addressRows('', 'a route of the host by way of the bridge').filter(({ name }) => name === 'route'),
    refused('virtualport', 'a virtual port'),
    portGroup,
    element('options', 'of dnsmasq', {
      standing: 'refused',
      namespace: 'http://libvirt.org/schemas/network/dnsmasq/1.0',
      prefix: 'dnsmasq',
    }),
    live('connections', 'how many use it now'),
  ],
  finish: finishNetwork,
});
