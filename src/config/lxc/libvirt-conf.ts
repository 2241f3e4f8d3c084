import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { MAX_BYTES } from './config-lines.js';

/** A file as libvirt's own parser sees it: keys in order. It takes other texts than LXC does (libvirt-lxc(7), util/virconf). */
export interface LibvirtConf {
  /** The first one's value, as libvirt asks for it. */
  first(...keys: readonly string[]): LibvirtLine | undefined;
  readonly lines: readonly LibvirtLine[];
}

export interface LibvirtLine {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
  readonly valueOffset: number;
}

/** The lines, or undefined after a report of the first fault: libvirt refuses the whole file for one. */
export function readLibvirtConf(text: string, report: Report): LibvirtConf | undefined {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return undefined;
  }
  const lines: LibvirtLine[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    readLine(text.slice(start, end).replace(/\r$/, ''), start, lines, report);
    start = end + 1;
  }
  if (report.hasErrors()) return undefined;
  const firsts = new Map(lines.toReversed().map((line) => [line.key, line]));
  return { lines, first: (...keys) => keys.map((key) => firsts.get(key)).find((line) => line !== undefined) };
}

function readLine(line: string, start: number, lines: LibvirtLine[], report: Report): void {
  const content = line.trim();
  if (content === '' || content.startsWith('#')) return;
  const offset = start + line.indexOf(content);
  const [key = ''] = /^(?:[A-Za-z][A-Za-z0-9_.]*)?/.exec(content) ?? [];
  const blanks = /^[ \t]*/.exec(content.slice(key.length))?.[0].length ?? 0;
  const equals = key.length + blanks;
  if (key === '' || content[equals] !== '=') {
    const dash = content[key.length] === '-' && content.includes('=');
    const reason = dash ? 'libvirt takes letters, digits, _ and . in a key' : "libvirt takes lines of 'key = value'";
    report.error(offset, `${reason}, not ${quote(content)}`, dash ? 'leave such keys out' : undefined);
    return;
  }
  const rest = content.slice(equals + 1);
  const value = rest.trimStart();
  const valueOffset = offset + equals + 1 + rest.length - value.length;
  const quoted = readQuoted(value);
  if (quoted === undefined)
    report.error(valueOffset, `libvirt takes nothing behind quotes, and needs both: ${quote(value)}`);
  else lines.push({ key, value: quoted, offset, valueOffset: valueOffset + (quoted === value ? 0 : 1) });
}

/** A value without its quotes, behind which a comment may stand; undefined when they do not fit. */
function readQuoted(value: string): string | undefined {
  const first = value.charAt(0);
  if (first !== '"' && first !== "'") return value;
  const end = value.indexOf(first, 1);
  if (end === -1) return undefined;
  return /^[ \t]*(#|$)/.test(value.slice(end + 1)) ? value.slice(1, end) : undefined;
}
