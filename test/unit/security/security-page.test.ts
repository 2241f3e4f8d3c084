import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** Id and place of the test of each row. */
function listRows(): { id: string; file: string }[] {
  const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  return [...text.matchAll(/^\| (S\d+) \|.*\| (\S+) \|$/gm)].map(([, id = '', file = '']) => ({ id, file }));
}

test('every attack stands on the page once, in order', () => {
  const ids = listRows().map(({ id }) => Number(id.slice(1)));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  expect(ids).toEqual([...range(1, 18), ...range(20, 39), ...range(40, 62), ...range(70, 86), ...range(100, 106)]);
});

test('the test that a row names has its id, or is there for a row of another kind', () => {
  for (const { id, file } of listRows()) {
    if (file === '—') continue;
    expect({ id, file, there: existsSync(join(ROOT, file)) }).toEqual({ id, file, there: true });
    const names = readFileSync(join(ROOT, file), 'utf8');
    expect({ id, file, named: new RegExp(`\\b${id}\\b`).test(names) }).toEqual({ id, file, named: true });
  }
});
