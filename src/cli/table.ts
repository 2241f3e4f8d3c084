/** Plain aligned columns, as `ps` writes them. Pure. */
import { textWidth, truncate, visible } from './visible.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** Width of the terminal in cells; no limit by default. Only the last column is cut. */
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
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => textWidth(line[index] ?? ''))));
  return lines.map((line) => `${formatLine(columns, line, widths, width)}\n`).join('');
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
  const padded = line.map((text, index) => {
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
