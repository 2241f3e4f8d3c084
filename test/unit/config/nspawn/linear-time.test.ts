import { expect, test } from 'vitest';
import { formatNspawn } from '../../../../src/config/nspawn/format-nspawn.js';
import { readNspawn } from '../../../../src/config/nspawn/read-nspawn.js';
import { renderDiagnostics } from '../../../../src/config/render-diagnostics.js';
import { LINEAR, measureGrowth } from '../growth.js';
import { OPTIONS } from './read-text.js';

/** Reads, renders and prints, so everything that a hostile file can slow down is in it. */
function run(text: string): void {
  const { definition, diagnostics } = readNspawn(text, OPTIONS);
  renderDiagnostics(diagnostics, text);
  if (definition !== undefined) formatNspawn(definition.spec);
}

const many = (line: (index: number) => string, size: number, before = '[Exec]\n') => {
  const { length } = line(10_000);
  return before + Array.from({ length: size / length }, (_, index) => line(index)).join('');
};

test.each<readonly [string, (size: number) => string]>([
  ['keys that nobody knows', (size) => many(() => 'LimitNOFLIE=1\n', size)],
  ['sections that nobody knows', (size) => many(() => '[Exce]\n', size)],
  ['broken headers', (size) => many(() => '[a\n', size)],
  ['lines that go on', (size) => many(() => 'a\\\n', size, '[Exec]\nCapability=\\\n')],
  ['backslashes', (size) => `[Exec]\nParameters=${'\\'.repeat(size)}a`],
  ['line ends', (size) => '\n\r\0'.repeat(size / 3)],
  ['words', (size) => many(() => 'a ', size, '[Exec]\nParameters=')],
  ['quotes', (size) => many(() => '"a"', size, '[Exec]\nParameters=')],
  ['variables', (size) => many((index) => `Environment=A${index}=1\n`, size)],
  ['unknown calls', (size) => many(() => '@mout ', size, '[Exec]\nSystemCallFilter=')],
  ['unknown capabilities', (size) => many(() => 'CAP_KIL ', size, '[Exec]\nCapability=')],
  ['digits of a size', (size) => `[Exec]\nLimitAS=${'1'.repeat(size)}!`],
  ['CPUs', (size) => many((index) => `CPUAffinity=${index % 8000}\n`, size)],
  ['mounts', (size) => many((index) => `Bind=/${index}\n`, size, '[Files]\n')],
  ['colons', (size) => `[Files]\nOverlay=${':/a'.repeat(size / 3)}`],
  ['deep paths', (size) => `[Files]\nBind=${'/a'.repeat(size / 2)}`],
  ['ports', (size) => many((index) => `Port=${(index % 60_000) + 1}\n`, size, '[Network]\nPrivate=yes\n')],
  ['links', (size) => many((index) => `veth${index} `, size, '[Network]\nInterface=')],
])('%s: time grows with the length of the text, not with its square', { timeout: 60_000 }, (_, make) => {
  expect(measureGrowth(run, make)).toBeLessThan(LINEAR);
});
