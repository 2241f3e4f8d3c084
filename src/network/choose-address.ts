/** Which address of a network a container has. Pure. */
import { formatAddressBytes, toAddressBytes } from './address-bytes.js';
import type { Subnet } from './choose-subnet.js';

export interface AddressPool {
  /** With the host's own address in it. */
  readonly subnet: Subnet;
  /** What a DHCP server lends: taken last, from the end downwards, since it lends from the start upwards. */
  readonly ranges: readonly { readonly start: string; readonly end: string }[];
  /** Addresses that somebody has. */
  readonly taken: ReadonlySet<string>;
}

/** No network has more containers than a bridge has ports. */
const MAX_CHOICES = 1 << 16;

/**
 * The lowest free address outside the lent ranges, else the highest free one in them. The network's own, the host's and the broadcast
 * address are nobody's.
 *
 * @returns undefined when all are taken
 */
export function chooseAddress({ subnet, ranges, taken }: AddressPool): string | undefined {
  const own = toAddressBytes(subnet.address);
  const first = number(mask(own, subnet.prefix));
  const size = 1n << BigInt(own.length * 8 - subnet.prefix);
  const end = first + (size > BigInt(MAX_CHOICES) ? BigInt(MAX_CHOICES) : size);
  // The last of an IPv4 network is its broadcast address.
  const last = own.length === 4 && end === first + size ? end - 2n : end - 1n;
  const lent = ranges.map(({ start, end: to }) => ({
    start: number(toAddressBytes(start)),
    end: number(toAddressBytes(to)),
  }));
  const isFree = (at: bigint) => {
    const text = formatAddressBytes(bytesOf(at, own.length));
    return text !== subnet.address && !taken.has(text) ? text : undefined;
  };
  for (let at = first + 1n; at <= last; at += 1n) {
    const range = lent.find(({ start, end: to }) => start <= at && at <= to);
    if (range !== undefined) {
      at = range.end;
      continue;
    }
    const free = isFree(at);
    if (free !== undefined) return free;
  }
  for (const { start, end: to } of lent)
    for (let at = to < last ? to : last; at >= start; at -= 1n) {
      const free = isFree(at);
      if (free !== undefined) return free;
    }
  return undefined;
}

function mask(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, index) => byte & (0xff << (8 - Math.min(8, Math.max(0, prefix - 8 * index)))));
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
}
