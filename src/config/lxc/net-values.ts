import { quote } from '../display-text.js';
import { formatIpAddress, isNetworkAddress, parseIpAddress } from '../ip-address.js';
import type { IpSpec, RouteSpec } from '../spec.js';
import type { Parsed, ValueType } from './rows.js';
import { right, WRONG } from './values.js';

/** Value types of networks. */

type Family = 'ipv4' | 'ipv6';

/** A name of a network device: what the kernel takes, less what other programs read as more than a name. */
export const linkName: ValueType<string> = {
  label: "1 to 15 characters from A-Z a-z 0-9 '_' '.' '-'",
  parse: (text) => (/^[A-Za-z0-9_.-]{1,15}$/.test(text) && !/^\.\.?$|^lo$/.test(text) ? right(text) : WRONG),
};

/** Six bytes; a nibble may be `x`. Lower case. */
export const macTemplate: ValueType<string> = {
  label: "six bytes like '10:66:6a:12:34:56', 'x' for a digit that is made up",
  parse: (text) => {
    const template = text.toLowerCase();
    if (!/^[0-9a-fx]{2}(:[0-9a-fx]{2}){5}$/.test(template)) return WRONG;
    if (/^.[13579bdf]/.test(template))
      return { ok: false, reason: 'must be a unicast address, and this is a multicast one' };
    return template === '00:00:00:00:00:00' ? { ok: false, reason: 'must not be all zeros' } : right(template);
  },
};

/** `A[/P] [BROADCAST]`; broadcast for IPv4 only. */
export function address(family: Family): ValueType<IpSpec> {
  const example = family === 'ipv4' ? '192.0.2.5/24, a broadcast address may follow' : '2001:db8::5/64';
  return {
    label: `an ${nameOf(family)} address like ${example}`,
    parse: (text) => {
      const [cidr = '', broadcast, ...more] = text.split(/[ \t]+/);
      const [host, prefix] = parseCidr(cidr, family);
      if (host === undefined || more.length > 0) return WRONG;
      const ip = { family, address: formatIpAddress(host), prefix: prefix ?? classPrefix(host) };
      if (broadcast === undefined) return right(ip);
      const bytes = familyBytes(broadcast, 'ipv4');
      return family === 'ipv6' || bytes === undefined ? WRONG : right({ ...ip, broadcast: formatIpAddress(bytes) });
    },
  };
}

/** A network with its prefix: a route by a link. */
export function network(family: Family): ValueType<RouteSpec> {
  const example = family === 'ipv4' ? '192.0.2.0/24' : '2001:db8::/64';
  return {
    label: `an ${nameOf(family)} network like ${example}`,
    parse: (text) => {
      const [host, prefix] = parseCidr(text, family);
      if (host === undefined || prefix === undefined) return WRONG;
      if (!isNetworkAddress(host, prefix)) {
        return { ok: false, reason: `must be a network, but ${quote(text)} has bits behind its prefix` };
      }
      return right({ family, address: formatIpAddress(host), prefix });
    },
  };
}

/** An address, `auto` or `dev`. */
export function gateway(family: Family): ValueType<string> {
  return {
    label: `an ${nameOf(family)} address, 'auto' or 'dev'`,
    parse: (text): Parsed<string> => {
      if (text === 'auto' || text === 'dev') return right(text);
      const bytes = familyBytes(text, family);
      return bytes === undefined ? WRONG : right(formatIpAddress(bytes));
    },
  };
}

function nameOf(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

function familyBytes(text: string, family: Family): Uint8Array | undefined {
  const bytes = parseIpAddress(text);
  return bytes?.length === (family === 'ipv4' ? 4 : 16) ? bytes : undefined;
}

/** Both undefined when the text is no such thing; without a slash there is no prefix. */
function parseCidr(text: string, family: Family): [host?: Uint8Array, prefix?: number] {
  const slash = text.indexOf('/');
  const host = familyBytes(slash === -1 ? text : text.slice(0, slash), family);
  if (host === undefined || slash === -1) return host === undefined ? [] : [host];
  const digits = text.slice(slash + 1);
  return /^\d{1,3}$/.test(digits) && Number(digits) <= host.length * 8 ? [host, Number(digits)] : [];
}

/** The prefix LXC takes where the text has none: the class of an IPv4 address, 64 for IPv6. */
function classPrefix(bytes: Uint8Array): number {
  if (bytes.length === 16) return 64;
  const first = bytes[0] ?? 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  return first < 224 ? 24 : 0;
}
