/** Subnets and addresses, chosen so that they are free and stay the same. Pure: what is taken comes in. */
import { createHash } from 'node:crypto';
import { toAddressBytes } from './address-bytes.js';

/** A part of the address space: an address, any in it, and the bits that all in it have. */
export interface Subnet {
  readonly address: string;
  readonly prefix: number;
}

/** RFC 1918 space in the order of trying: what home routers and VPNs take last comes first. */
const POOLS = [
  { first: [10, 64], subnets: 192 * 256 },
  { first: [172, 16], subnets: 16 * 256 },
  { first: [192, 168], subnets: 256 },
] as const;
const TRIES = 512;

/**
 * A /24 for a network: the same for the same seed while nothing of it is taken.
 *
 * @param seed what makes it differ from others: the host's machine id and the network's name
 * @param taken routes of the host and subnets of other networks; a default route takes nothing
 * @returns the gateway, `10.x.y.1`; undefined when all that were tried are taken
 */
export function chooseIpv4Subnet(seed: string, taken: readonly Subnet[]): Subnet | undefined {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0);
  for (const { first, subnets } of POOLS) {
    for (let i = 0; i < Math.min(TRIES, subnets); i += 1) {
      const number = (start + i) % subnets;
      const subnet = { address: `${first[0]}.${first[1] + (number >> 8)}.${number & 255}.1`, prefix: 24 };
      if (!taken.some((other) => overlaps(subnet, other))) return subnet;
    }
  }
  return undefined;
}

/** A /64 of unique local addresses (RFC 4193) for a network; 40 bits of the seed make it one of its own. */
export function chooseIpv6Subnet(seed: string): Subnet {
  const hex = createHash('sha256').update(`ula ${seed}`).digest('hex');
  return {
    address: `fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}::1`.replace(/:0+(?=[0-9a-f])/g, ':'),
    prefix: 64,
  };
}

/** Whether two subnets have an address in common. A route to everywhere (prefix 0) is none that takes. */
export function overlaps(a: Subnet, b: Subnet): boolean {
  if (a.prefix === 0 || b.prefix === 0) return false;
  const [left, right] = [toAddressBytes(a.address), toAddressBytes(b.address)];
  if (left.length !== right.length) return false;
  return sameBits(left, right, Math.min(a.prefix, b.prefix));
}

/** Whether an address is in a subnet. */
export function contains({ address, prefix }: Subnet, other: string): boolean {
  const [left, right] = [toAddressBytes(address), toAddressBytes(other)];
  return left.length === right.length && sameBits(left, right, prefix);
}

function sameBits(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  return a.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index));
    return (byte ^ (b[index] ?? 0)) >> (8 - kept) === 0;
  });
}
