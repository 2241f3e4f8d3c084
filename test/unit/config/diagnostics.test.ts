import { expect, test } from 'vitest';
import { createReport } from '../../../src/config/diagnostics.js';

test('diagnostics come in the order of the text, whatever the order of their finding', () => {
  const report = createReport('a.xml', 'one\ntwo\nthree');
  report.error(8, 'third');
  report.warning(0, 'first');
  report.error(4, 'second', 'a hint');
  expect(report.diagnostics()).toEqual([
    { severity: 'warning', file: 'a.xml', line: 1, column: 1, message: 'first' },
    { severity: 'error', file: 'a.xml', line: 2, column: 1, message: 'second', hint: 'a hint' },
    { severity: 'error', file: 'a.xml', line: 3, column: 1, message: 'third' },
  ]);
});

test('a warning is no error', () => {
  const report = createReport('a.xml', 'x');
  report.warning(0, 'odd');
  expect(report.hasErrors()).toBe(false);
  report.error(0, 'wrong');
  expect(report.hasErrors()).toBe(true);
});

test('of many faults the first hundred are kept, and the last line says so', () => {
  const report = createReport('a.xml', 'x'.repeat(500));
  for (let offset = 0; offset < 500; offset += 1) report.error(offset, `fault ${offset}`);
  const messages = report.diagnostics().map(({ message }) => message);
  expect(messages).toHaveLength(101);
  expect(messages.at(-1)).toBe('and more: only the first 100 errors are shown');
  expect(report.isFull()).toBe(true);
});

test('a flood of warnings does not hide an error', () => {
  const report = createReport('a.xml', 'x'.repeat(500));
  for (let offset = 0; offset < 400; offset += 1) report.warning(offset, 'odd');
  report.error(450, 'wrong');
  expect(report.diagnostics().at(-1)?.message).toBe('wrong');
});
