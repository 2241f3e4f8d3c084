import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** Id of each row, and where its tests are. */
function listRows(): { id: string; files: string[] }[] {
  const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  return [...text.matchAll(/^\| (S\d+) \|.*\| ([^|]+) \|$/gm)].map(([, id = '', files = '']) => ({
    id,
    files: files.split(', '),
  }));
}

test('every attack stands on the page once, in order', () => {
  const ids = listRows().map(({ id }) => Number(id.slice(1)));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  expect(ids).toEqual([
    ...range(1, 18),
    ...range(20, 39),
    ...range(40, 62),
    ...range(70, 86),
    ...range(90, 94),
    ...range(100, 106),
  ]);
});

test('the files that a row names have a test whose name begins with its id, or with several', () => {
  for (const { id, files } of listRows()) {
    for (const file of files) {
      expect({ id, file, there: existsSync(join(ROOT, file)) }).toEqual({ id, file, there: true });
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect({ id, file, named: new RegExp(`['"\`](?:S\\d+ )*${id}\\b`).test(text) }).toEqual({
        id,
        file,
        named: true,
      });
    }
  }
});
