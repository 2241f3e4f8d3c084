import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReport, type Diagnostic } from '../../../../src/config/diagnostics.js';
import { formatJsonText } from '../../../../src/config/json/format-json-text.js';
import { type JsonNode, valueOfNode } from '../../../../src/config/json/json-node.js';
import { readJsonText } from '../../../../src/config/json/read-json-text.js';
import { LINEAR, measureGrowth } from '../growth.js';

function read(text: string): { readonly node: JsonNode | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const report = createReport('a.json', text);
  const node = readJsonText(text, report);
  return { node, diagnostics: report.diagnostics() };
}

/** `line:column message` of the only fault. */
function faultOf(text: string): string {
  const { node, diagnostics } = read(text);
  expect(node).toBeUndefined();
  return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
}

describe('readJsonText', () => {
  test('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'grapheme' }), fc.constantFrom(undefined, 2), (json, indent) => {
        const value = JSON.parse(json) as unknown;
        const { node, diagnostics } = read(JSON.stringify(value, undefined, indent));
        expect(diagnostics).toEqual([]);
        // -0 is a number of JSON that JSON.stringify writes as 0
        expect(JSON.stringify(node && valueOfNode(node))).toBe(JSON.stringify(value));
      }),
    );
  });

  test('takes a text exactly when JSON.parse does, but for names that stand twice and halves of pairs', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-0.5e+3',
      'true',
      'null',
      ' ',
      '\n',
      '01',
      '"\\u00e9"',
      '"',
      '\\',
      '/',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          const { node, diagnostics } = read(text);
          expect([text, node !== undefined]).toEqual([text, isJson]);
          const errors = diagnostics.filter(({ message }) => !message.startsWith('a second'));
          expect(errors.length).toBe(isJson ? 0 : 1);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('knows the place of every name and value', () => {
    const { node } = read('{ "a": [1,\n  {"b": null}] }');
    if (node?.kind !== 'object') throw new Error('no object');
    const a = node.members.get('a');
    expect([node.offset, a?.nameOffset, a?.value.offset]).toEqual([0, 2, 7]);
    const inner = a?.value.kind === 'array' ? a.value.items[1] : undefined;
    const b = inner?.kind === 'object' ? inner.members.get('b') : undefined;
    expect([inner?.offset, b?.nameOffset, b?.value.offset]).toEqual([13, 14, 19]);
  });

  test.each([
    ['', '1:1 malformed JSON: expected a value, and the text ends'],
    ['{"a": 1', "1:8 malformed JSON: expected ',' or '}' (of line 1), and the text ends"],
    ['{\n"a" 1}', "2:5 malformed JSON: expected ':', not '1'"],
    ['[1, 2\n3]', "2:1 malformed JSON: expected ',' or ']' (of line 1), not '3'"],
    ['{} x', "1:4 malformed JSON: expected the end of the text, not 'x'"],
    ['"a\nb"', '1:1 malformed JSON: this text has no closing quote in its line'],
    ['"\\x"', "1:2 malformed JSON: '\\x' is no escape"],
    ['"a\tb"', "1:3 malformed JSON: the character '\\x09' must be written as an escape"],
    ['"\\ud800"', '1:1 malformed JSON: this text has half of a surrogate pair'],
    ['\u0000', "1:1 malformed JSON: expected a value, not '\\x00'"],
    ['[NaN]', "1:2 malformed JSON: expected a value, not 'N'"],
  ])('says what is wrong with %j, and where', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  test.each([
    ['{"a": 1,}', 'no comma stands after the last one'],
    ['[1, ]', 'no comma stands after the last one'],
    ["{'a': 1}", 'texts and names stand in double quotes'],
    ['{ // remark\n}', 'JSON has no comments'],
    ['[01]', 'a number begins with 0 only before a point'],
  ])('hints at the habit behind %j', (text, hint) => {
    expect(read(text).diagnostics[0]?.hint).toBe(hint);
  });

  test('reports every name that stands twice, and goes on', () => {
    const { node, diagnostics } = read('{"a": 1,\n"a": 2,\n"b": {"c": 1, "c": 2}}');
    expect(node?.kind).toBe('object');
    expect(diagnostics.map(({ line, message }) => [line, message])).toEqual([
      [2, "a second 'a': the first is in line 1"],
      [3, "a second 'c': the first is in line 3"],
    ]);
  });

  test("'__proto__' is a name like others", () => {
    const { node } = read('{"__proto__": {"polluted": true}, "constructor": 1}');
    const value = node === undefined ? undefined : valueOfNode(node);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('nests 64 deep and no deeper', () => {
    expect(read('['.repeat(64) + ']'.repeat(64)).node?.kind).toBe('array');
    expect(faultOf('['.repeat(65) + ']'.repeat(65))).toBe('1:65 nested more than 64 deep');
  });

  test('takes a megabyte and no more', () => {
    const text = (size: number) => `"${'x'.repeat(size - 2)}"`;
    expect(read(text(1024 * 1024)).node?.kind).toBe('string');
    expect(faultOf(text(1024 * 1024 + 1))).toBe('1:1 the file is longer than 1024 KiB');
  });

  test.each<[string, (size: number) => string]>([
    ['a long text', (size) => `"${'é'.repeat(size / 2)}"`],
    ['escapes', (size) => `"${'\\n'.repeat(size / 2)}"`],
    ['digits', (size) => '1'.repeat(size)],
    ['blanks', (size) => `[${' '.repeat(size)}]`],
    ['names that stand twice', (size) => `{${'"a":1,'.repeat(size / 6)}"a":1}`],
    ['names that differ', (size) => `{${Array.from({ length: size / 10 }, (_, index) => `"n${index}":1`).join(',')}}`],
    ['an object that never ends', (size) => '[{"a":'.repeat(size / 6)],
    ['numbers without commas', (size) => `[${'1 '.repeat(size / 2)}`],
  ])('%s: time grows with the length of the text, not with its square', { timeout: 60_000 }, (_, make) => {
    expect(measureGrowth((text) => void read(text), make)).toBeLessThan(LINEAR);
  });
});

describe('formatJsonText', () => {
  test('prints plain data as JSON.stringify does', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) => void expect(formatJsonText(value)).toBe(JSON.stringify(value, undefined, 2)),
      ),
    );
  });

  test('prints all digits of a bigint, a map as an object, and nothing of what is undefined', () => {
    const value = { big: 2n ** 64n - 1n, map: new Map([['__proto__', 1]]), none: undefined };
    expect(formatJsonText(value)).toBe('{\n  "big": 18446744073709551615,\n  "map": {\n    "__proto__": 1\n  }\n}');
  });
});
