import { CtrError } from '../errors.js';

/**
 * The bytes of an IPv4 (4) or IPv6 (16) address as inet_pton(3) reads it; no zones.
 *
 * @throws CtrError CTR_BAD_CONFIG
 */
export function toAddressBytes(text: string): Uint8Array {
  const bytes = text.includes(':') ? readIpv6(text) : readIpv4(text);
  if (bytes === undefined) throw new CtrError('CTR_BAD_CONFIG', `cannot plan network: '${text}' is no address`);
  return Uint8Array.from(bytes);
}

/** The network an address is in: all bits behind the prefix cleared. The kernel takes no other destination of a route. */
export function toNetworkBytes(address: Uint8Array, prefix: number): Uint8Array {
  return address.map((byte, index) => {
    const kept = Math.min(Math.max(prefix - 8 * index, 0), 8);
    return byte & (0xff << (8 - kept));
  });
}

/** `52:54:00:12:34:56` as 6 bytes. @throws CtrError CTR_BAD_CONFIG */
export function toMacBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot plan network: '${text}' is no MAC address`);
  }
  return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
}

function readIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const isValid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isValid ? parts.map(Number) : undefined;
}

function readIpv6(text: string): number[] | undefined {
  const halves = text.split('::').map((half, index, all) => readGroups(half, index === all.length - 1));
  const [head, tail = []] = halves;
  if (head === undefined || halves.length > 2 || halves.includes(undefined)) return undefined;
  const missing = 16 - head.length - tail.length;
  // '::' stands for one group at least.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

/** Bytes of groups between colons; the last of the whole text may be an IPv4 address. */
function readGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes = groups.map((group, index) => {
    if (isEnd && index === groups.length - 1 && group.includes('.')) return readIpv4(group);
    const value = Number.parseInt(group, 16);
    return /^[0-9a-f]{1,4}$/i.test(group) ? [value >> 8, value & 0xff] : undefined;
  });
  return bytes.includes(undefined) ? undefined : bytes.flatMap((pair) => pair ?? []);
}

/** The text of 4 or 16 bytes, as inet_ntop(3) prints it. */
export function formatAddressBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = groups.join(':');
  if (longest === '') return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
