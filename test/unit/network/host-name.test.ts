import { describe, expect, test } from 'vitest';
import { chooseHostName, foldHostName } from '../../../src/network/host-name.js';

describe('foldHostName', () => {
  test.each([
    ['web', 'web'],
    ['Web_1', 'web-1'],
    ['a.b..c', 'a-b-c'],
    ['-x-', 'x'],
    ['…', 'c'],
    [`${'a'.repeat(62)}.b`, 'a'.repeat(62)],
  ])('%s is %s', (name, expected) => {
    expect(foldHostName(name)).toBe(expected);
  });
});

describe('chooseHostName', () => {
  test('numbers who comes later, and lets each keep what it had', () => {
    expect(chooseHostName('x.y', new Set())).toBe('x-y');
    expect(chooseHostName('x_y', new Set(['x-y']))).toBe('x-y-2');
    expect(chooseHostName('x_y', new Set(['x-y', 'x-y-2']))).toBe('x-y-3');
    expect(chooseHostName('x_y', new Set(), 'x-y-2')).toBe('x-y-2');
    expect(chooseHostName('other', new Set(), 'x-y-2')).toBe('other');
  });

  test('gives nobody a name that means somebody else', () => {
    expect(chooseHostName('localhost', new Set())).toBe('localhost-2');
  });

  test('keeps a long name within a label', () => {
    const long = 'a'.repeat(63);
    expect(chooseHostName(long, new Set([long])).length).toBeLessThanOrEqual(63);
  });
});
