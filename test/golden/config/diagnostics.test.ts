import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDefinition, renderDiagnostics } from '../../../src/config/index.js';

/** Each `NAME.xml` here with what is said about it in `NAME.txt`, to the character. `vitest -u` rewrites those. */
const inputs = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.xml'));

test.each(inputs)('the diagnostics of %s are as written', async (file) => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const result = parseDefinition(text, { file });
  const rendered = renderDiagnostics(result.ok ? result.warnings : result.diagnostics, text);
  await expect(`${rendered}\n`).toMatchFileSnapshot(join(import.meta.dirname, `${basename(file, '.xml')}.txt`));
});

test('there are inputs', () => {
  expect(inputs.length).toBeGreaterThan(4);
});
