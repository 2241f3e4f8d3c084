/** Plain aligned columns, as `ps` writes them. Pure. */
import { textWidth, truncate, visible } from './visible.js';

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

/** One line per row under the titles; an empty cell is a hyphen. Ends with a newline. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | undefined)[])[],
  { width = Number.POSITIVE_INFINITY }: TableOptions = {},
): string {
  const cells = rows.map((row) => columns.map((_, index) => cell(row[index])));
  const lines = [columns.map(({ title }) => title), ...cells];
  const full = columns.map((_, index) => Math.max(...lines.map((line) => textWidth(line[index] ?? ''))));
  const widths = fitWidths(columns, full, width);
  return lines.map((line) => `${formatLine(columns, line, widths, width)}\n`).join('');
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

function cell(value: string | undefined): string {
  return value === undefined || value === '' ? EMPTY : visible(value).replaceAll('\n', ' ');
}

function formatLine(
  columns: readonly Column[],
  line: readonly string[],
  widths: readonly number[],
  limit: number,
): string {
  const padded = line.map((whole, index) => {
    const text = truncate(whole, widths[index] ?? 0);
    const fill = ' '.repeat((widths[index] ?? 0) - textWidth(text));
    return columns[index]?.align === 'right' ? fill + text : text + fill;
  });
  return truncate(padded.join(GAP).trimEnd(), limit);
}

/** `key  value` lines, the keys in one column; values that are undefined are left out. Ends with a newline. */
export function formatFields(fields: readonly (readonly [key: string, value: string | undefined])[]): string {
  const shown = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const width = Math.max(0, ...shown.map(([key]) => textWidth(key)));
  return shown.map(([key, value]) => `${key.padEnd(width)}${GAP}${visible(value)}\n`).join('');
}
