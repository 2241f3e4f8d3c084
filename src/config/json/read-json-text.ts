import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { JsonMember, JsonNode, JsonObject } from './json-node.js';
import { type JsonCursor, readJsonString } from './read-json-string.js';

/** Longer texts are refused: a container's definition has a few KiB. */
const MAX_BYTES = 1024 * 1024;
/** Objects and lists inside each other. */
const MAX_DEPTH = 64;

/**
 * Reads a JSON text (RFC 8259). The first fault of syntax ends the reading; names that stand twice in an object are all reported. Time
 * grows with the length of the text.
 *
 * @returns undefined when the text is no JSON; the fault is in `report` then
 */
export function readJsonText(text: string, report: Report): JsonNode | undefined {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return undefined;
  }
  const cursor: JsonCursor = { text, report, offset: 0 };
  skipSpace(cursor);
  const node = readValue(cursor, 1);
  if (node === undefined) return undefined;
  skipSpace(cursor);
  return cursor.offset === text.length ? node : unexpected(cursor, 'the end of the text');
}

function skipSpace(cursor: JsonCursor): void {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = cursor.offset;
  cursor.offset += space.exec(cursor.text)?.[0].length ?? 0;
}

function readValue(cursor: JsonCursor, depth: number): JsonNode | undefined {
  const { text, offset } = cursor;
  switch (text[offset]) {
    case '{':
      return nest(cursor, depth, readObject);
    case '[':
      return nest(cursor, depth, readArray);
    case '"': {
      const value = readJsonString(cursor);
      return value === undefined ? undefined : { kind: 'string', offset, value };
    }
    default:
      return readWord(cursor);
  }
}

function nest<T>(cursor: JsonCursor, depth: number, read: (cursor: JsonCursor, depth: number) => T): T | undefined {
  if (depth <= MAX_DEPTH) return read(cursor, depth);
  cursor.report.error(cursor.offset, `nested more than ${MAX_DEPTH} deep`);
  return undefined;
}

function readWord(cursor: JsonCursor): JsonNode | undefined {
  const { text, offset } = cursor;
  const form = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b/y;
  form.lastIndex = offset;
  const word = form.exec(text)?.[0];
  if (word === undefined) return unexpected(cursor, 'a value');
  cursor.offset += word.length;
  if (word === 'null') return { kind: 'null', offset };
  if (word === 'true' || word === 'false') return { kind: 'boolean', offset, value: word === 'true' };
  return { kind: 'number', offset, text: word };
}

function readArray(cursor: JsonCursor, depth: number): JsonNode | undefined {
  const { text, offset } = cursor;
  const items: JsonNode[] = [];
  cursor.offset += 1;
  skipSpace(cursor);
  if (text[cursor.offset] !== ']') {
    do {
      skipSpace(cursor);
      const item = readValue(cursor, depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    } while (continues(cursor));
  }
  return closes(cursor, ']', offset) ? { kind: 'array', offset, items } : undefined;
}

function readObject(cursor: JsonCursor, depth: number): JsonObject | undefined {
  const { text, report, offset } = cursor;
  const members = new Map<string, JsonMember>();
  cursor.offset += 1;
  skipSpace(cursor);
  if (text[cursor.offset] !== '}') {
    do {
      skipSpace(cursor);
      const nameOffset = cursor.offset;
      if (text[nameOffset] !== '"') return unexpected(cursor, 'a name in double quotes');
      const name = readJsonString(cursor);
      if (name === undefined) return undefined;
      skipSpace(cursor);
      if (text[cursor.offset] !== ':') return unexpected(cursor, "':'");
      cursor.offset += 1;
      skipSpace(cursor);
      const value = readValue(cursor, depth + 1);
      if (value === undefined) return undefined;
      const first = members.get(name);
      if (first === undefined) members.set(name, { nameOffset, value });
      else report.error(nameOffset, `a second ${quote(name)}: the first is in line ${report.lineOf(first.nameOffset)}`);
    } while (continues(cursor));
  }
  return closes(cursor, '}', offset) ? { kind: 'object', offset, members } : undefined;
}

/** Whether a comma follows, which it passes. */
function continues(cursor: JsonCursor): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.offset] !== ',') return false;
  cursor.offset += 1;
  return true;
}

function closes(cursor: JsonCursor, bracket: ']' | '}', opened: number): boolean {
  if (cursor.text[cursor.offset] === bracket) {
    cursor.offset += 1;
    return true;
  }
  unexpected(cursor, `',' or '${bracket}' (of line ${cursor.report.lineOf(opened)})`);
  return false;
}

function unexpected({ text, report, offset }: JsonCursor, expected: string): undefined {
  if (offset >= text.length) {
    report.error(offset, `malformed JSON: expected ${expected}, and the text ends`);
    return;
  }
  const found = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  report.error(offset, `malformed JSON: expected ${expected}, not ${quote(found)}`, hintOf(text, offset));
}

function hintOf(text: string, offset: number): string | undefined {
  if (/^\/[/*]|^#/.test(text.slice(offset, offset + 2))) return 'JSON has no comments';
  if (text[offset] === "'") return 'texts and names stand in double quotes';
  if (/[\]}]/.test(text[offset] ?? '') && /,\s*$/.test(text.slice(Math.max(0, offset - 40), offset)))
    return 'no comma stands after the last one';
  if (/\d/.test(text[offset] ?? '') && text[offset - 1] === '0') return 'a number begins with 0 only before a point';
  return undefined;
}
