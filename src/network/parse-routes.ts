import { formatAddressBytes } from './address-bytes.js';
import type { Subnet } from './choose-subnet.js';

/** A route of the host's main table. */
export interface HostRoute extends Subnet {
  readonly link: string;
  /** It came in a router advertisement. */
  readonly advertised: boolean;
}

/** /proc/net/route, proc_net(5): numbers in the order of the host's bytes, which is little endian here. */
export function parseIpv4Routes(text: string): HostRoute[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8)
    .map(([link = '', destination = '', , , , , , mask = '']) => ({
      link,
      address: formatAddressBytes(Buffer.from(destination, 'hex').reverse()),
      prefix: Buffer.from(mask, 'hex').reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0),
      advertised: false,
    }));
}

/** RTF_ADDRCONF of linux/ipv6_route.h. */
const FROM_ADVERTISEMENT = 0x00040000;
const REJECT = 0x0200;

/** /proc/net/ipv6_route, without what leads nowhere, to the host itself or to a link's neighbours. */
export function parseIpv6Routes(text: string): HostRoute[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 10)
    .flatMap(([destination = '', prefix = '', , , , , , , flags = '', link = '']) => {
      const bits = Number.parseInt(flags, 16);
      const address = formatAddressBytes(Buffer.from(destination, 'hex'));
      if (link === 'lo' || (bits & REJECT) !== 0 || /^f(e8|f)/.test(address)) return [];
      return [{ link, address, prefix: Number.parseInt(prefix, 16), advertised: (bits & FROM_ADVERTISEMENT) !== 0 }];
    });
}
