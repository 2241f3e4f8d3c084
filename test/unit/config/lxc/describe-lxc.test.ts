import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeLxc } from '../../../../src/config/lxc/describe-lxc.js';
import { LEGACY_ROWS } from '../../../../src/config/lxc/legacy-rows.js';
import { NET_ROWS } from '../../../../src/config/lxc/net-rows.js';
import { TABLE } from '../../../../src/config/lxc/table.js';

test('the reference page is what the tables say; `npm run generate` renews it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/lxc.md'), 'utf8');
  expect(page).toBe(describeLxc());
});

test('the tables have all keys of LXC, each once, and the page says each', () => {
  const current = TABLE.filter((row) => !LEGACY_ROWS.includes(row)).map(({ key }) => key);
  // LXC counts lxc.net and lxc.net.N as two.
  expect(new Set(current).size + 1).toBe(87);
  expect(new Set(NET_ROWS.map(({ key }) => key)).size).toBe(25);
  const page = describeLxc();
  for (const { key, family } of TABLE.filter((row) => row.family === undefined || row.key !== 'lxc.cgroup')) {
    expect(page).toContain(`| \`${key}${family === undefined ? '' : `.${family}`}\``);
  }
  for (const { key } of NET_ROWS) expect(page).toContain(`| \`lxc.net.N.${key}\``);
});

test('no key stands for two', () => {
  const names = TABLE.flatMap(({ key, legacy }) => [key, ...legacy]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
