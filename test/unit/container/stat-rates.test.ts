import { expect, test } from 'vitest';
import { matchNames } from '../../../src/container/match-names.js';
import { computeRates } from '../../../src/container/stat-rates.js';
import type { ContainerStats } from '../../../src/container/stats.js';

const before: ContainerStats = {
  name: 'web',
  state: 'running',
  pid: 7,
  since: '2026-01-01T00:00:00.000Z',
  time: '2026-01-01T00:01:00.000Z',
  cpuNs: 1e9,
  ioReadBytes: 100,
  rxBytes: 500,
};
const after: ContainerStats = {
  ...before,
  time: '2026-01-01T00:01:02.000Z',
  cpuNs: 2e9,
  ioReadBytes: 300,
  rxBytes: 400,
};

test('rates are per second, 100 percent is a processor, and a counter that went back gives 0', () => {
  expect(computeRates(before, after)).toEqual({
    intervalSeconds: 2,
    cpuPercent: 50,
    ioReadBytesPerSecond: 100,
    rxBytesPerSecond: 0,
  });
});

test('two runs of one name have no rates, nor has one reading', () => {
  expect(computeRates(undefined, after)).toBeUndefined();
  expect(computeRates(before, { ...after, pid: 8 })).toBeUndefined();
  expect(computeRates(before, { ...after, since: '2026-01-01T00:01:01.000Z' })).toBeUndefined();
  expect(computeRates(before, { ...after, time: before.time })).toBeUndefined();
});

test('names match themselves and patterns, as in a shell', () => {
  for (const pattern of ['web-1', 'web-*', 'web-?', 'web-[0-3]', 'web-[!a]', '*']) {
    expect([pattern, matchNames('web-1', [pattern])]).toEqual([pattern, true]);
  }
  for (const pattern of ['web', 'web-', 'w.b-1', 'web-[!1]', 'WEB-1', 'web-[9-0]', '?eb']) {
    expect([pattern, matchNames('web-1', [pattern])]).toEqual([pattern, false]);
  }
});
