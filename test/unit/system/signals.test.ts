import { describe, expect, test } from 'vitest';
import { signalName, signalNumber } from '../../../src/system/signals.js';

describe('signals', () => {
  test.for([
    ['TERM', 15],
    ['SIGUSR2', 12],
    ['sigterm', 15],
    ['RTMIN+3', 37],
    ['SIGRTMIN', 34],
    ['RTMAX', 64],
    ['RTMAX-1', 63],
    ['9', 9],
  ] as const)('%s is %i', ([name, number]) => {
    expect(signalNumber(name)).toBe(number);
  });

  test.for(['', 'NOSUCH', '0', '65', 'RTMIN-1', 'RTMAX+1', 'RTMIN+31', 'constructor'])('%j is none', (name) => {
    expect(signalNumber(name)).toBeUndefined();
  });

  test('every number has a name that leads back to it', () => {
    for (let number = 1; number <= 31; number += 1) expect(signalNumber(signalName(number))).toBe(number);
    for (let number = 34; number <= 64; number += 1) expect(signalNumber(signalName(number))).toBe(number);
  });
});
