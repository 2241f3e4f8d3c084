import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineIndex } from '../../../src/config/line-index.js';

test.each([
  ['abc', 0, 1, 1],
  ['abc', 3, 1, 4],
  ['a\nb', 2, 2, 1],
  ['a\r\nb', 3, 2, 1],
  ['a\rb', 2, 2, 1],
  ['\n\n\n', 2, 3, 1],
  ['😀x', 2, 1, 2],
])('%j at %i is line %i, column %i', (text, offset, line, column) => {
  expect(createLineIndex(text).locate(offset)).toEqual({ line, column });
});

test('the line of any offset is one more than the line ends before it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '\t', ' ')), fc.nat(), (characters, at) => {
      const text = characters.join('');
      const offset = text === '' ? 0 : at % text.length;
      const before = text.slice(0, offset).split('\n');
      expect(createLineIndex(text).locate(offset)).toEqual({
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
      });
    }),
  );
});
