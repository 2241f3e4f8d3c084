/** How a plan's values are printed. */

/** As it is when it is one visible word, else as a JSON string in which no character hides or controls a terminal. */
export function formatText(text: string): string {
  if (/^[^\s"\p{C}]+$/u.test(text)) return text;
  return JSON.stringify(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** `52:54:00:12:34:56` */
export function formatMac(mac: Uint8Array): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** 4 bytes as dotted quad, 16 as IPv6 text (RFC 5952), anything else as hexadecimal digits. */
export function formatAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  if (address.length === 16) return formatIpv6(address);
  return `0x${Buffer.from(address).toString('hex')}`;
}

function formatIpv6(address: Uint8Array): string {
  const words = Array.from(
    { length: 8 },
    (_, index) => ((address[2 * index] ?? 0) << 8) | (address[2 * index + 1] ?? 0),
  );
  const text = words.map((word) => word.toString(16)).join(':');
  // The longest run of at least two zero words, the first one when several are as long.
  const runs = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** S_IFCHR, S_IFDIR, S_IFBLK of inode(7). */
const FILE_TYPES = new Map([
  [0o020000, 'char '],
  [0o040000, 'dir '],
  [0o060000, 'block '],
]);

/** `char 0666`: file type and permissions. */
export function formatMode(mode: number | bigint): string {
  const bits = Number(mode);
  return `${FILE_TYPES.get(bits & 0o170000) ?? ''}${(bits & 0o7777).toString(8).padStart(4, '0')}`;
}

/** Numbers of the bits that are set, as the kernel writes lists of CPUs: `0-3,8`. */
export function formatMask(mask: Uint8Array): string {
  const parts: string[] = [];
  for (let bit = 0; bit < mask.length * 8; bit += 1) {
    const isSet = (at: number) => ((mask[at >> 3] ?? 0) >> (at & 7)) & 1;
    if (!isSet(bit)) continue;
    const first = bit;
    while (isSet(bit + 1)) bit += 1;
    parts.push(first === bit ? `${first}` : `${first}-${bit}`);
  }
  return parts.join(',');
}

/** A resource limit; the largest number is none. */
export function formatLimit(limit: number | bigint): string {
  return BigInt(limit) === 2n ** 64n - 1n ? 'infinity' : `${limit}`;
}

/** The texts of a list field, each of which has a NUL behind it. */
export function splitList(list: Uint8Array): string[] {
  return new TextDecoder().decode(list).split('\0').slice(0, -1);
}

export function formatPeer(peer: Uint8Array): string {
  return peer.length === 0 ? '' : `peer ${formatAddress(peer)}`;
}

export function formatRoute(
  destination: Uint8Array,
  prefix: number | bigint,
  gateway: Uint8Array,
  metric: number | bigint,
): readonly string[] {
  const via = gateway.length === 0 ? '' : `via ${formatAddress(gateway)}`;
  return [`${formatAddress(destination)}/${prefix}`, via, Number(metric) === 0 ? '' : `metric ${metric}`];
}
