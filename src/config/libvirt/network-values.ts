import { formatIpAddress, parseIpAddress } from '../ip-address.js';
import { isContainerName, NAME_RULE } from '../name.js';
import type { ValueType } from './rows.js';

/** Value types of interfaces, addresses and routes. */

/** Six bytes in hexadecimal, an address that one interface can have. */
export const macAddress: ValueType = {
  label: "six bytes like '52:54:00:12:34:56'",
  read: (text) => {
    if (!/^[0-9A-Fa-f]{1,2}(:[0-9A-Fa-f]{1,2}){5}$/.test(text)) return { ok: false };
    const canonical = text.toLowerCase().replace(/(^|:)(?=[0-9a-f](:|$))/g, '$10');
    if (/[13579bdf]$/.test(canonical.slice(0, 2)))
      return { ok: false, reason: 'must be a unicast address, and this is a multicast one' };
    return canonical === '00:00:00:00:00:00' ? { ok: false, reason: 'must not be all zeros' } : { ok: true, canonical };
  },
};

/** IPv4 or IPv6. */
export const ipAddress: ValueType = {
  label: 'an IPv4 or IPv6 address',
  read: (text) => {
    const bytes = parseIpAddress(text);
    return bytes === undefined ? { ok: false } : { ok: true, canonical: formatIpAddress(bytes) };
  },
};

/**
 * A name of a network device: what dev_valid_name() of the kernel takes in at most 15 bytes, less what other programs
 * read as more than a name (`%` makes the kernel number a name, `:` was an alias, `@` joins a peer).
 */
export const linkName: ValueType = {
  label: "1 to 15 characters from A-Z a-z 0-9 '_' '.' '-'",
  read: (text) => {
    if (!/^[A-Za-z0-9_.-]{1,15}$/.test(text) || text === '.' || text === '..') return { ok: false };
    return text === 'lo'
      ? { ok: false, reason: "must not be 'lo', the loopback device" }
      : { ok: true, canonical: text };
  },
};

/** A host end's name; libvirt drops the names it makes up itself, and so the ones in a dump of a running domain. */
export const hostLinkName: ValueType = {
  label: linkName.label,
  read: (text) => {
    const read = linkName.read(text);
    if (!read.ok || isOwnLinkName(text)) return read;
    return { ...read, warning: 'it is dropped: a name that libvirt makes up, and ctr makes up its own' };
  },
};

/** Whether a host end's name is one that counts: libvirt takes everything with a prefix of its own as made up. */
export function isOwnLinkName(name: string): boolean {
  return !/^(vnet|macvlan|macvtap)/.test(name);
}

/** A container or network. */
export const objectName: ValueType = {
  label: NAME_RULE,
  read: (text) => (isContainerName(text) ? { ok: true, canonical: text } : { ok: false }),
};
