import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';

/** One `key = value` of a file. Places are offsets into its text. */
export interface ConfigLine {
  readonly key: string;
  /** Without blanks around it and without a pair of quotes. */
  readonly value: string;
  readonly offset: number;
  readonly valueOffset: number;
}

export const MAX_BYTES = 1024 * 1024;

/**
 * The lines of a file by LXC's rules (lxc.container.conf(5)): what begins with `#` is a comment, there is none at the end of a
 * line, and what does not begin with `lxc.` is skipped.
 */
export function readConfigLines(text: string, report: Report): ConfigLine[] {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return [];
  }
  const lines: ConfigLine[] = [];
  // A byte order mark is no blank to LXC, but nobody means it to be part of a key.
  for (let start = text.startsWith('\uFEFF') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline === -1 ? text.length : newline;
    const end = text[next - 1] === '\r' && next > start ? next - 1 : next;
    const line = readLine(text, start, end, report);
    if (line !== undefined) lines.push(line);
    start = next + 1;
  }
  return lines;
}

function readLine(text: string, start: number, end: number, report: Report): ConfigLine | undefined {
  const offset = skipBlanks(text, start, end);
  if (offset === end || text[offset] === '#') return undefined;
  if (!text.startsWith('lxc.', offset) || offset + 4 > end) {
    const word = text.slice(offset, end).split(/[\s=]/, 1)[0] ?? '';
    report.warning(offset, `skipped, as LXC does: ${quote(word)} does not begin with 'lxc.'`);
    return undefined;
  }
  const content = text.slice(offset, end);
  const control = findControlCharacter(content);
  if (control !== -1) {
    report.error(offset + control, 'a line must not hold control characters');
    return undefined;
  }
  const equals = content.indexOf('=');
  if (equals === -1) {
    report.error(offset, `a line must be 'key = value', and ${quote(content)} has no '='`);
    return undefined;
  }
  const valueOffset = skipBlanks(text, offset + equals + 1, end);
  const value = trimRight(text.slice(valueOffset, end));
  const quoted = value.length > 1 && /^["']/.test(value) && value.endsWith(value.charAt(0));
  return {
    key: trimRight(content.slice(0, equals)),
    value: quoted ? value.slice(1, -1) : value,
    offset,
    valueOffset: quoted ? valueOffset + 1 : valueOffset,
  };
}

function skipBlanks(text: string, start: number, end: number): number {
  let offset = start;
  while (offset < end && isBlank(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/** Not by a regular expression: those try every run of blanks in a line anew. */
function trimRight(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function findControlCharacter(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.search(/[\u0000-\u0008\u000a-\u001f\u007f]/);
}

/** A value as a line can say it; undefined when none can: it is empty, or longer than a line. */
export function formatValue(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line cannot hold them
  if (value === '' || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return undefined;
  const first = value.charAt(0);
  const looksQuoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  // Only the outermost pair of quotes is taken off.
  return looksQuoted || /^[ \t]|[ \t]$/.test(value) ? `"${value}"` : value;
}
