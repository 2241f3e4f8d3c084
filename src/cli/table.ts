/** Plain aligned columns, as `ps` writes them. Pure. */
import { isPlain, textWidth, truncate, visible } from './visible.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Where the table is too wide, its cells are cut, to no less than so many cells. */
  readonly least?: number;
}

export interface TableOptions {
  /** Width of the terminal in cells; no limit by default. Columns with `least` are cut, the widest first, and what is still too long at its end. */
  readonly width?: number | undefined;
}

const GAP = '  ';
const EMPTY = '-';

/** Texts as they are shown, with their widths in cells. */
interface Line {
  readonly cells: readonly string[];
  readonly widths: readonly number[];
}

/** One line per row under the titles; an empty cell is a hyphen. Ends with a newline. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | undefined)[])[],
  { width = Number.POSITIVE_INFINITY }: TableOptions = {},
): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((row) => toLine(columns.length, row));
  const full = columns.map((_, index) => lines.reduce((most, line) => Math.max(most, line.widths[index] ?? 0), 0));
  const widths = fitWidths(columns, full, width);
  return lines.map((line) => `${formatLine(columns, line, widths, width)}\n`).join('');
}

/** A table of a thousand rows has few that are not plain: each row is looked at once, not each cell again and again. */
function toLine(count: number, row: readonly (string | undefined)[]): Line {
  const cells: string[] = [];
  for (let index = 0; index < count; index += 1) cells.push(row[index] || EMPTY);
  if (isPlain(cells.join(''))) return { cells, widths: cells.map(({ length }) => length) };
  const shown = cells.map((text) => visible(text).replaceAll('\n', ' '));
  return { cells: shown, widths: shown.map(textWidth) };
}

/** Takes from the widest that may be cut until all fit, or none is left. */
function fitWidths(columns: readonly Column[], full: readonly number[], limit: number): number[] {
  const widths = [...full];
  const spare = (index: number) => (widths[index] ?? 0) - (columns[index]?.least ?? Number.POSITIVE_INFINITY);
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - limit;
  for (; excess > 0; excess -= 1) {
    const open = widths.map((_, index) => index).filter((index) => spare(index) > 0);
    const widest = open.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function formatLine(columns: readonly Column[], line: Line, widths: readonly number[], limit: number): string {
  let text = '';
  let length = 0;
  for (let index = 0; index < columns.length; index += 1) {
    const [whole = '', own = 0, room = 0] = [line.cells[index], line.widths[index], widths[index]];
    const shown = own > room ? truncate(whole, room) : whole;
    const fill = ' '.repeat(room - (own > room ? textWidth(shown) : own));
    if (index > 0) text += GAP;
    text += columns[index]?.align === 'right' ? fill + shown : shown + fill;
    length += (index > 0 ? GAP.length : 0) + room;
  }
  const trimmed = text.trimEnd();
  return length > limit ? truncate(trimmed, limit) : trimmed;
}

/** `key  value` lines, the keys in one column; values that are undefined are left out. Ends with a newline. */
export function formatFields(fields: readonly (readonly [key: string, value: string | undefined])[]): string {
  const shown = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const width = Math.max(0, ...shown.map(([key]) => textWidth(key)));
  return shown.map(([key, value]) => `${key.padEnd(width)}${GAP}${visible(value)}\n`).join('');
}
