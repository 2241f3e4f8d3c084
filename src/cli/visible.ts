/** Text from elsewhere on its way to a terminal. Pure. */
import { cellWidth, showCharacter } from '../config/display-text.js';

/** Most texts are such: one cell for each character, nothing to spell out. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Whether a text is one cell for each character, and can be shown as it is. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** Control and format characters are spelled out (`\x1b`); line ends stay. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return Array.from(text, (character) => (character === '\n' ? character : showCharacter(character))).join('');
}

/** Terminal cells of a text without control characters. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellWidth(character);
  return width;
}

/** At most so many cells, the cut marked by `…`. */
export function truncate(text: string, cells: number): string {
  if (textWidth(text) <= cells) return text;
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += cellWidth(character);
    if (width > cells - 1) break;
    kept += character;
  }
  return cells > 0 ? `${kept}…` : '';
}
