/** Lines of a settings file into assignments with places. systemd.syntax(7); what it leaves open is as systemd-nspawn does it. */
import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';

export const SECTIONS = ['Exec', 'Files', 'Network'] as const;

export type Section = (typeof SECTIONS)[number];

export interface Assignment {
  readonly section: Section;
  readonly key: string;
  readonly keyOffset: number;
  /** Without the white space around it. */
  readonly value: string;
  /** Offset in the text of the character of the value at this index. */
  offsetAt(index: number): number;
}

/** One line of a continued line: where it begins in the joined line and in the text. */
interface Piece {
  readonly at: number;
  readonly offset: number;
  readonly text: string;
}

/** A line with those that continue it. */
interface Line {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

/** Besides the line's end, also a NUL ends a line. Different ones in a row are one end, so CR LF is one. */
const LINE_ENDS = '\n\r\0';
const BLANK = ' \t\n\r';
const ODD_BACKSLASHES = /(?<!\\)(?:\\\\)*\\$/;

/**
 * The assignments of a text, in order. What nspawn warns about and skips gives a warning; a section header that it stops at gives
 * an error.
 */
export function readAssignments(text: string, report: Report): Assignment[] {
  const found: Assignment[] = [];
  /** undefined: before the first header; 'skipped': below one that is not known. */
  let section: Section | 'skipped' | undefined;
  for (const line of joinLines(text)) {
    const first = skipBlank(line.text, 0);
    const stripped = strip(line.text);
    if (stripped === '') continue;
    if (stripped.startsWith('[')) {
      section = readHeader(stripped, offsetIn(line, first), report);
    } else if (section === undefined) {
      report.warning(offsetIn(line, first), 'assignment before the first section: ignored');
    } else if (section !== 'skipped') {
      const assignment = readAssignment(line, section, report);
      if (assignment !== undefined) found.push(assignment);
    }
  }
  return found;
}

function* joinLines(text: string): Iterable<Line> {
  let pieces: Piece[] = [];
  let length = 0;
  const join = (): Line => ({ text: pieces.map((piece) => piece.text).join(''), pieces });
  for (const { offset, text: written } of physicalLines(text)) {
    const start = written[skipBlank(written, 0)];
    // A comment between continued lines does not end them
    if (start === '#' || start === ';') continue;
    const goesOn = ODD_BACKSLASHES.test(written);
    const piece = { at: length, offset, text: goesOn ? `${written.slice(0, -1)} ` : written };
    pieces.push(piece);
    length += piece.text.length;
    if (goesOn) continue;
    yield join();
    pieces = [];
    length = 0;
  }
  if (pieces.length > 0) yield join();
}

function* physicalLines(text: string): Iterable<{ readonly offset: number; readonly text: string }> {
  let offset = 0;
  while (offset < text.length) {
    let end = offset;
    while (end < text.length && !LINE_ENDS.includes(text.charAt(end))) end += 1;
    let next = end;
    while (
      next < text.length &&
      LINE_ENDS.includes(text.charAt(next)) &&
      !text.slice(end, next).includes(text.charAt(next))
    )
      next += 1;
    yield { offset, text: text.slice(offset, end) };
    offset = next;
  }
}

function readHeader(header: string, offset: number, report: Report): Section | 'skipped' {
  const name = header.slice(1, -1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!header.endsWith(']') || /[\x00-\x1f\x7f"'\\]/.test(name)) {
    report.error(offset, `invalid section header ${quote(header)}`, `sections are ${listSections()}`);
    return 'skipped';
  }
  const section = SECTIONS.find((known) => known === name);
  if (section !== undefined) return section;
  // X- is for others' sections, systemd.syntax(7)
  if (!name.startsWith('X-')) {
    const near = nearestName(name, SECTIONS);
    const hint = near === undefined ? `sections are ${listSections()}` : `did you mean [${near}]?`;
    report.warning(offset, `unknown section ${quote(name)}: ignored`, hint);
  }
  return 'skipped';
}

function listSections(): string {
  return SECTIONS.map((name) => `[${name}]`).join(', ');
}

function readAssignment(line: Line, section: Section, report: Report): Assignment | undefined {
  const { text } = line;
  const first = skipBlank(text, 0);
  const equals = text.indexOf('=');
  if (equals < 0) {
    report.warning(offsetIn(line, first), `missing '=' after ${quote(strip(text))}: ignored`);
    return undefined;
  }
  const key = strip(text.slice(0, equals));
  if (key === '') {
    report.warning(offsetIn(line, first), "missing key before '=': ignored");
    return undefined;
  }
  const valueAt = skipBlank(text, equals + 1);
  return {
    section,
    key,
    keyOffset: offsetIn(line, first),
    value: strip(text.slice(equals + 1)),
    offsetAt: (index) => offsetIn(line, valueAt + index),
  };
}

/** By binary search: a line may go on over a great many. */
function offsetIn({ pieces }: Line, index: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.at ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  if (piece === undefined) return 0;
  return piece.offset + Math.min(index - piece.at, piece.text.length);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && BLANK.includes(text.charAt(at))) at += 1;
  return at;
}

/** Without white space at both ends, as systemd counts it. */
function strip(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(Math.min(skipBlank(text, 0), end), end);
}
