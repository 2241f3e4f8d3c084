import { describe, expect, test } from 'vitest';
import { ioWeightOf, sharesOfWeight, weightOfShares } from '../../../src/cgroups/convert-weights.js';

describe('weights', () => {
  test.each([
    [2, 1],
    [512, 59],
    [1024, 100],
    [2048, 174],
    [262144, 10000],
    [1, 1],
  ])('%d shares are a weight of %d', (shares, weight) => {
    expect(weightOfShares(shares)).toBe(weight);
  });

  test('each weight has shares that are it', () => {
    for (let weight = 1; weight <= 10000; weight += 1) expect(weightOfShares(sharesOfWeight(weight))).toBe(weight);
    expect(sharesOfWeight(100)).toBe(1024);
  });

  test('of block devices go along a line', () => {
    expect([10, 500, 1000].map(ioWeightOf)).toEqual([1, 4950, 10000]);
  });
});
