import { isInNetwork, parseIpAddress, prefixOfNetmask } from '../ip-address.js';
import { childrenOf, type DomainElement, descendant } from '../libvirt/domain-element.js';
import { finishAddress } from '../libvirt/finish-address.js';
import { ipAddress, macAddress } from '../libvirt/network-values.js';
import { attribute, element, ignored, refused, type Written } from '../libvirt/rows.js';
import { integer, matching, oneOf, yesNo } from '../libvirt/values.js';
import { domainName } from './dns-values.js';

const lease = element('lease', 'how long an address is lent', {
  attributes: [
    attribute('expiry', 'how many; 0: for ever', integer(0, 4294967295), { required: true }),
    attribute('unit', 'of what', oneOf(['seconds', 'minutes', 'hours']), { byDefault: 'minutes' }),
  ],
});

const range = element('range', 'addresses that are lent', {
  many: true,
  attributes: [
    attribute('start', 'the first', ipAddress, { required: true }),
    attribute('end', 'the last', ipAddress, { required: true }),
  ],
  children: [lease],
});

const host = element('host', 'an address that is always the same', {
  many: true,
  attributes: [
    attribute(
      'id',
      'who asks by DHCPv6: its identifier',
      matching('pairs of digits', /^[0-9A-Fa-f]{1,2}(:[0-9A-Fa-f]{1,2}){0,127}$/),
    ),
    attribute('mac', 'who asks', macAddress),
    attribute('name', 'its name', domainName),
    attribute('ip', 'the address', ipAddress, { required: true }),
  ],
  children: [lease],
  finish: (read, { element: source, report }) => {
    const { attributes } = read;
    if (!['id', 'mac', 'name'].some((name) => attributes.has(name)))
      report.error(source.offset, "<host> needs the attribute 'mac', 'id' or 'name'");
    return read;
  },
});

const dhcp = element('dhcp', 'lends addresses', { children: [range, host, ...ignored('bootp')] });

/** `<ip>` of a network: an address of the host, and who gets the others of its network. */
export const hostAddressRow = element('ip', "the host's address in the network, the containers' gateway", {
  many: true,
  attributes: [
    attribute('family', 'taken from the address when missing', oneOf(['ipv4', 'ipv6'])),
    attribute('address', 'IPv4 or IPv6', ipAddress, { required: true }),
    attribute('netmask', 'instead of a prefix, IPv4 only', ipAddress),
    attribute('prefix', "bits of the network; when missing: the address's class, 64 for IPv6", integer(1, 127)),
    attribute('localPtr', '`yes`: names of its addresses are never asked of other servers', yesNo),
  ],
  children: [refused('tftp', 'a TFTP server'), dhcp],
  finish: finishHostAddress,
});

function finishHostAddress(read: DomainElement, written: Written): DomainElement {
  const { attributes } = read;
  const { report } = written;
  const bytes = parseIpAddress(attributes.get('address') ?? '');
  if (attributes.has('netmask') && attributes.has('prefix'))
    report.error(written.attributeOffset('netmask'), "<ip> takes 'prefix' or 'netmask', not both");
  if (attributes.has('netmask') && bytes?.length === 16)
    report.error(written.attributeOffset('netmask'), 'an IPv6 network takes a prefix, no netmask');
  finishAddress(read, written);
  const prefix = prefixOf(attributes);
  if (bytes === undefined || prefix === undefined || prefix > bytes.length * 8) return read;
  checkDhcp(read, written, (text) => {
    const other = parseIpAddress(text);
    return other !== undefined && other.length === bytes.length && isInNetwork(other, bytes, prefix);
  });
  return read;
}

function prefixOf(attributes: ReadonlyMap<string, string>): number | undefined {
  const written = attributes.get('prefix');
  if (written !== undefined) return Number(written);
  const netmask = parseIpAddress(attributes.get('netmask') ?? '');
  if (netmask !== undefined) return prefixOfNetmask(netmask);
  const address = attributes.get('address') ?? '';
  return address.includes(':') ? 64 : undefined;
}

function checkDhcp(
  read: DomainElement,
  { element: source, report }: Written,
  isInside: (text: string) => boolean,
): void {
  const dhcp = descendant(read, 'dhcp');
  const own = read.attributes.get('address');
  const outside = (text: string | undefined) => text !== undefined && !isInside(text);
  for (const { attributes } of childrenOf(dhcp, 'range')) {
    const [start = '', end = ''] = [attributes.get('start'), attributes.get('end')];
    if (outside(start) || outside(end))
      report.error(source.offset, `the range ${start} to ${end} is not in the network of ${own}`);
    else if (compareAddresses(start, end) > 0)
      report.error(source.offset, `the range ${start} to ${end} ends before it starts`);
    else if (own !== undefined && compareAddresses(start, own) <= 0 && compareAddresses(own, end) <= 0)
      report.error(source.offset, `the range ${start} to ${end} has the host's own address ${own} in it`);
  }
  const seen = new Set<string>();
  for (const { attributes } of childrenOf(dhcp, 'host')) {
    const ip = attributes.get('ip') ?? '';
    if (outside(ip)) report.error(source.offset, `the address ${ip} of a <host> is not in the network of ${own}`);
    if (ip === own) report.error(source.offset, `the address ${ip} of a <host> is the host's own`);
    for (const key of [`ip ${ip}`, `mac ${attributes.get('mac') ?? `none ${seen.size}`}`]) {
      if (seen.has(key))
        report.error(
          source.offset,
          `two <host> have the ${key.replace('ip ', 'address ').replace('mac ', 'MAC address ')}`,
        );
      seen.add(key);
    }
  }
}

function compareAddresses(a: string, b: string): number {
  const [left, right] = [parseIpAddress(a) ?? [], parseIpAddress(b) ?? []];
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  return 0;
}
