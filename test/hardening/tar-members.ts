/** Members of tar archives as no tar(1) writes them. POSIX.1-2017, pax: "ustar Interchange Format". */

const BLOCK = 512;

export interface MemberFields {
  /** One character; default '0', a file. */
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  /** Octal digits, as are the numbers below. */
  readonly mode?: string;
  /** As it stands in its field; default: what the content has. */
  readonly size?: string | Buffer;
  readonly major?: string;
  readonly minor?: string;
}

/** Two blocks of zeros. */
export const END = Buffer.alloc(2 * BLOCK);

/** A header and the content in whole blocks, whatever the header says of its size. `content` is of latin1. */
export function member(name: string, content: string, fields: MemberFields = {}): Buffer {
  const { type = '0', link = '', prefix = '', mode = '0000644', major = '', minor = '' } = fields;
  const { size = content.length.toString(8).padStart(11, '0') } = fields;
  const bytes = Buffer.from(content, 'latin1');
  const header = Buffer.alloc(BLOCK);
  header.write(name.slice(0, 100), 0, 'latin1');
  header.write(mode, 100);
  header.write('0000000', 108);
  header.write('0000000', 116);
  if (typeof size === 'string') header.write(size, 124);
  else size.copy(header, 124);
  header.write('00000000000', 136);
  header.fill(' ', 148, 156);
  header.write(type, 156);
  header.write(link.slice(0, 100), 157, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(major, 329);
  header.write(minor, 337);
  header.write(prefix, 345, 'latin1');
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

/** What is said of the next member ('x'), or of all that follow ('g'). Values are of latin1. */
export function pax(type: 'x' | 'g', records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = key.length + value.length + 3;
    let length = rest + 1;
    while (length !== rest + String(length).length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return member('pax', lines.join(''), { type });
}

/** GNU's way to say the name ('L') or the link ('K') of the next member. */
export function longName(type: 'L' | 'K', name: string): Buffer {
  return member('././@LongLink', `${name}\0`, { type });
}
