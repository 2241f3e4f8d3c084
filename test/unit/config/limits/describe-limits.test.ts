import { expect, test } from 'vitest';
import { describeLimits } from '../../../../src/config/limits/describe-limits.js';
import { LIMITS } from '../../../../src/config/limits/table.js';

test('the page names each limit, its files, and what virsh calls it; no cell breaks its row', () => {
  const page = describeLimits();
  for (const { key } of LIMITS) expect(page).toContain(`| \`${key}\` |`);
  for (const word of ['hard-limit', 'cpu_shares', 'device-read-bytes-sec', 'setmem']) expect(page).toContain(word);
  const widths = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).length);
  expect(new Set(widths)).toEqual(new Set([8, 4, 5]));
});
