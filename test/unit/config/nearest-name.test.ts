import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName } from '../../../src/config/nearest-name.js';

const KNOWN = ['memory', 'name', 'devices', 'os', 'vcpu', 'currentMemory'];

test.each([
  ['memroy', 'memory'],
  ['Memory', 'memory'],
  ['device', 'devices'],
  ['currentmemory', 'currentMemory'],
  ['oz', 'os'],
  ['frobnicate', undefined],
  ['x'.repeat(100_000), undefined],
])('%.20s is nearest to %s', (name, nearest) => {
  expect(nearestName(name, KNOWN)).toBe(nearest);
});

test('swapped neighbours count once', () => {
  expect(editDistance('memroy', 'memory')).toBe(1);
});

test('the distance is symmetric, and zero only for equal words', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});
