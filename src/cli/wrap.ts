/** Lines of a text that fit a terminal. Pure. */
import { textWidth } from './visible.js';

/** Less than this beside the indent, and a line is better broken by the terminal. */
const LEAST_CELLS = 24;

/**
 * Breaks a line at its blanks, what follows indented. A word that is too long stays whole; so does every line without a width.
 *
 * @param indent cells before each line but the first
 * @param width cells of the terminal; undefined: there is none
 * @returns with a newline at its end
 */
export function wrapLine(line: string, indent: number, width: number | undefined): string {
  if (width === undefined || width - indent < LEAST_CELLS || textWidth(line) <= width) return `${line}\n`;
  const lines: string[] = [];
  let current = '';
  // Each word with the blanks before it, which go where the line is broken; those in front of the first stay.
  for (const part of line.match(/^ *\S+| +\S+/g) ?? []) {
    if (current === '' || textWidth(current) + textWidth(part) <= width) {
      current += part;
    } else {
      lines.push(current);
      current = ' '.repeat(indent) + part.trimStart();
    }
  }
  return [...lines, current].map((text) => `${text}\n`).join('');
}
