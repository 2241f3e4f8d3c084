import { describe, expect, test } from 'vitest';
import { isHostName } from '../../../../src/config/nspawn/parse-names.js';
import { parseSigned, parseSize, parseTimeSpan, parseUnsigned } from '../../../../src/config/nspawn/parse-numbers.js';
import { escapeColons, quoteWord, splitColons, splitQuoted } from '../../../../src/config/nspawn/split-words.js';
import { parseNames } from './value-tables.js';

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['10', 10],
    ['+10', 10],
    ['010', 8],
    ['0x10', 16],
    ['0b101', 5],
    ['0o17', 15],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['1k', undefined],
    ['-1', undefined],
    ['08', undefined],
    ['', undefined],
  ])('unsigned %j is %j', (text, value) => expect(parseUnsigned(text)).toBe(value));

  test.each([
    ['-1000', -1000],
    ['-0', 0],
    ['-+1', undefined],
    ['--1', undefined],
  ])('signed %j is %j', (text, value) => expect(parseSigned(text)).toBe(value));

  test.each([
    ['512', 512],
    ['1K', 1024],
    ['1.5G', 1610612736],
    ['1G 512M', 1610612736],
    ['2 M', 2097152],
    ['1k', undefined],
    ['1M 1G', undefined],
    ['1M 1M', undefined],
    ['16E', undefined],
    ['M', undefined],
    ['', undefined],
  ])('size %j is %j', (text, value) => expect(parseSize(text)).toBe(value));

  test.each([
    ['5', 1000, 5000],
    ['1min 30s', 1, 90_000_000],
    ['1.5ms', 1, 1500],
    ['2w', 1, 1_209_600_000_000],
    ['1 month', 1, 2_629_800_000_000],
    ['5 parsecs', 1, undefined],
    ['', 1, undefined],
  ])('time span %j with the unit %i is %j', (text, unit, value) => expect(parseTimeSpan(text, unit)).toBe(value));
});

describe('names', () => {
  test.each(parseNames)('%s of %j is %j', (_, parse, text, value) => expect(parse(text)).toEqual(value));
});

describe('words', () => {
  test.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['"a b" \'c "d"\' e"f g"h', ['a b', 'c "d"', 'ef gh']],
    ['"" \'\'', ['', '']],
    ['a\\tb \\', ['a\\tb', '\\']],
    ['"a', undefined],
    ["a'", undefined],
    ['', []],
  ])('%j is split into %j', (text, words) => expect(splitQuoted(text)?.map((word) => word.text)).toEqual(words));

  test.each(['a', '', 'a b', '"', "'", `a"b'c`, '\\', 'a\\ "', '\t', '"\'"'])('%j quoted reads as itself', (word) => {
    expect(splitQuoted(`x ${quoteWord(word)} y`)?.map(({ text }) => text)).toEqual(['x', word, 'y']);
    expect(quoteWord(word)).not.toMatch(/\\$/);
  });

  test.each(['a', 'a:b', 'a\\', 'a\\:b'])('%j escaped reads as itself', (part) => {
    expect(splitColons(`${escapeColons(part)}:x`)?.parts).toEqual([part, 'x']);
  });

  test('a backslash at the end escapes nothing, and is a fault', () => {
    expect(splitColons('a:b\\')).toBeUndefined();
  });
});

test.each([
  ['web', true],
  ['a.b-c.9', true],
  ['a_b', false],
  ['-a', false],
  ['a.', false],
])("whether '%s' is a host name: %s", (name, is) => expect(isHostName(name)).toBe(is));
