/**
 * Text of a configuration file on its way to a terminal. Nothing in a file may steer the terminal or turn the direction
 * of what is read: control and format characters are spelled out.
 */

/** Control characters, bidirectional and zero-width format characters, lone surrogates, line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

const MAX_QUOTED = 60;

/** One character as it is shown: itself, or `\x1b`, `\u{202e}`. */
export function showCharacter(character: string): string {
  if (!UNSAFE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** A value inside a message: in single quotes, shortened, with nothing invisible left in it. */
export function quote(value: string): string {
  const characters: string[] = [];
  for (const character of value) {
    if (characters.length === MAX_QUOTED) {
      characters.push('…');
      break;
    }
    characters.push(showCharacter(character));
  }
  return `'${characters.join('')}'`;
}

/** Blocks that terminals draw two cells wide: Unicode's East Asian Wide and Fullwidth, and emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Terminal cells of one shown character (or of an escape made by `showCharacter`). */
export function cellWidth(shown: string): number {
  if (shown.length > 2) return shown.length;
  const code = shown.codePointAt(0) ?? 0;
  if (/^\p{M}$/u.test(shown)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
