import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';

/** Where a reader is in its text. */
export interface JsonCursor {
  readonly text: string;
  readonly report: Report;
  offset: number;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** A string from its opening quote on. @returns undefined on a fault, which is in the report then */
export function readJsonString(cursor: JsonCursor): string | undefined {
  const { text, report } = cursor;
  const opened = cursor.offset;
  const parts: string[] = [];
  // All but the quote, the backslash and the control characters below the space
  const plain = /[ !#-[\]-\u{10ffff}]*/uy;
  for (cursor.offset += 1; ; ) {
    plain.lastIndex = cursor.offset;
    const part = plain.exec(text)?.[0] ?? '';
    parts.push(part);
    cursor.offset += part.length;
    const next = text[cursor.offset];
    if (next === '"') break;
    if (next === undefined || next === '\n' || next === '\r') {
      report.error(opened, 'malformed JSON: this text has no closing quote in its line');
      return undefined;
    }
    const escaped = next === '\\' ? readEscape(cursor) : undefined;
    if (escaped === undefined) {
      const what =
        next === '\\'
          ? `${quote(text.slice(cursor.offset, cursor.offset + 2))} is no escape`
          : `the character ${quote(next)} must be written as an escape`;
      report.error(cursor.offset, `malformed JSON: ${what}`);
      return undefined;
    }
    parts.push(escaped);
  }
  cursor.offset += 1;
  const value = parts.join('');
  if (!/\p{Cs}/u.test(value)) return value;
  report.error(opened, 'malformed JSON: this text has half of a surrogate pair');
  return undefined;
}

function readEscape(cursor: JsonCursor): string | undefined {
  const { text, offset } = cursor;
  const single = ESCAPES.get(text[offset + 1] ?? '');
  if (single !== undefined) {
    cursor.offset += 2;
    return single;
  }
  const digits = /^\\u([0-9a-fA-F]{4})$/.exec(text.slice(offset, offset + 6))?.[1];
  if (digits === undefined) return undefined;
  cursor.offset += 6;
  return String.fromCharCode(Number.parseInt(digits, 16));
}
