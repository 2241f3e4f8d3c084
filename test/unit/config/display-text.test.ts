import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellWidth, quote } from '../../../src/config/display-text.js';

test.each([
  ['plain', "'plain'"],
  ['\u001b[31mred', String.raw`'\x1b[31mred'`],
  ['a\u202eb', String.raw`'a\u{202e}b'`],
  ['a\nb\tc\0', String.raw`'a\x0ab\x09c\x00'`],
  ['\ud800', String.raw`'\u{d800}'`],
  ['é漢😀', "'é漢😀'"],
])('%j is quoted as %s', (value, quoted) => {
  expect(quote(value)).toBe(quoted);
});

test('a long value is cut', () => {
  expect(quote('x'.repeat(1000))).toBe(`'${'x'.repeat(60)}…'`);
});

test('no quoted value can steer a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(quote(value)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test.each([
  ['a', 1],
  ['漢', 2],
  ['😀', 2],
  ['\u0301', 0],
  [String.raw`\x1b`, 4],
])('%s takes %i cells', (shown, cells) => {
  expect(cellWidth(shown)).toBe(cells);
});
