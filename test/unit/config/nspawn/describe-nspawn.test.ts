import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeNspawn } from '../../../../src/config/nspawn/describe-nspawn.js';
import { SETTING_ROWS } from '../../../../src/config/nspawn/setting-rows.js';

test('the reference page is what the table says; `npm run generate` renews it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/nspawn.md'), 'utf8');
  expect(page).toBe(describeNspawn());
});

test('each of the 61 settings stands in one row', () => {
  expect(new Set(SETTING_ROWS.map(({ key }) => key)).size).toBe(61);
  const rows = describeNspawn()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => /`(\w+)`/.exec(row)?.[1])).toEqual(SETTING_ROWS.map(({ key }) => key));
});
