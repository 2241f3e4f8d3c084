/** IPv4 and IPv6 addresses as bytes (4 or 16) and text. Text out is what inet_ntop(3) prints. */

/** The bytes of an address, or undefined when the text is none. Takes what inet_pton(3) takes; no zone ids. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.');
  // inet_pton(3) takes no leading zeros: some readers take them for octal
  const valid = parts.every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0')));
  return valid ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  // '::' stands for at least one group
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (isEnd && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length <= 16 ? bytes : undefined;
}

/** The text of 4 or 16 bytes, in the one canonical form. */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return `::ffff:${bytes.subarray(12).join('.')}`;
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** Whether every bit behind the first `prefix` bits is zero: the address names a network, not a host in it. */
export function isNetworkAddress(bytes: Uint8Array, prefix: number): boolean {
  return bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * index));
    return (byte & (0xff >> bits)) === 0;
  });
}

/** Whether an address has the first `prefix` bits of another one of its family. */
export function isInNetwork(bytes: Uint8Array, network: Uint8Array, prefix: number): boolean {
  const difference = bytes.map((byte, index) => byte ^ (network[index] ?? 0));
  return difference.every((byte, index) => byte >> (8 - Math.min(8, Math.max(0, prefix - 8 * index))) === 0);
}

/** The prefix length of a netmask, or undefined when its ones are not in one row from the left. */
export function prefixOfNetmask(bytes: Uint8Array): number | undefined {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/**
 * The prefix libvirt takes when the text has none: none for the unspecified address, the class of an IPv4 address, 64 for IPv6.
 * Undefined for IPv4 addresses without a class (multicast, reserved).
 */
export function defaultPrefix(bytes: Uint8Array): number | undefined {
  if (bytes.every((byte) => byte === 0)) return 0;
  if (bytes.length === 16) return 64;
  const first = bytes[0] ?? 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  return first < 224 ? 24 : undefined;
}
