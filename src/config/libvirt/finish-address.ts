import { defaultPrefix, isNetworkAddress, parseIpAddress, prefixOfNetmask } from '../ip-address.js';
import type { DomainElement } from './domain-element.js';
import type { Written } from './rows.js';

/** Rules over the values of one address or route, and its canonical form. */

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

/** The `finish` of `<ip>`: `address`, `family` (always printed), `prefix`, `peer`. */
export function finishAddress(read: DomainElement, written: Written): DomainElement {
  checkFamily(read, written, 'address', 'peer');
  checkPrefix(read, written);
  const { attributes } = read;
  const ordered = new Map([
    ['address', attributes.get('address') ?? ''],
    ['family', familyOf(attributes.get('address') ?? '')],
  ]);
  return { ...read, attributes: new Map([...ordered, ...attributes]) };
}

/** The `finish` of `<route>`; libvirt prints the family of a route only where the text has it, and takes IPv4 else. */
export function finishRoute(read: DomainElement, written: Written): DomainElement {
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
