import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReport } from '../../../src/config/diagnostics.js';
import { cellWidth } from '../../../src/config/display-text.js';
import { renderDiagnostics } from '../../../src/config/render-diagnostics.js';

function renderAt(text: string, offset: number, hint?: string): string[] {
  const report = createReport('web.xml', text);
  report.error(offset, 'wrong', hint);
  return renderDiagnostics(report.diagnostics(), text).split('\n');
}

test('shows place, message, line, caret and hint', () => {
  expect(renderAt('<a>\n  <b/>\n</a>', 6, 'try <c/>')).toEqual([
    'web.xml:2:3: error: wrong',
    '    <b/>',
    '    ^',
    'hint: try <c/>',
  ]);
});

test('the caret stands below the place behind tabs, wide characters and combining ones', () => {
  expect(renderAt('\tx', 1)).toEqual(['web.xml:1:2: error: wrong', `  ${' '.repeat(8)}x`, `  ${' '.repeat(8)}^`]);
  expect(renderAt('漢字x', 2)).toEqual(['web.xml:1:3: error: wrong', '  漢字x', '      ^']);
  expect(renderAt('e\u0301x', 2)).toEqual(['web.xml:1:3: error: wrong', '  e\u0301x', '   ^']);
});

test('control characters of the file are spelled out', () => {
  const [, line, caret] = renderAt('a\u001b]0;evil\u0007b', 9);
  expect(line).toBe(String.raw`  a\x1b]0;evil\x07b`);
  expect(caret).toBe(`  ${' '.repeat(12)}^`);
});

test('a file name cannot steer the terminal, either', () => {
  const diagnostic = { severity: 'error', file: 'a\u001b.xml', line: 1, column: 1, message: 'wrong' } as const;
  expect(renderDiagnostics([diagnostic], '')).toBe(String.raw`a\x1b.xml:1:1: error: wrong`);
});

test('a very long line is cut around the place', () => {
  const [, line = '', caret = ''] = renderAt(`${'a'.repeat(500_000)}X${'b'.repeat(500_000)}`, 500_000);
  expect(line.length).toBeLessThan(110);
  expect(line[caret.indexOf('^')]).toBe('X');
  expect(line).toMatch(/^ {2}….*…$/);
});

test('a fault at the end of the text has a caret behind the last character', () => {
  expect(renderAt('<a>', 3)).toEqual(['web.xml:1:4: error: wrong', '  <a>', '     ^']);
});

test('a byte order mark does not move the caret', () => {
  const report = createReport('web.xml', '<a/>');
  report.error(1, 'wrong');
  expect(renderDiagnostics(report.diagnostics(), '\ufeff<a/>')).toBe('web.xml:1:2: error: wrong\n  <a/>\n   ^');
});

test('the caret is below the character of any place in any line', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '漢', '\t', '\u0007', '😀')), fc.nat(), (characters, at) => {
      const line = [...characters, 'X', ...characters];
      const place = at % line.length;
      const [, shown, caret] = renderAt(line.join(''), line.slice(0, place).join('').length);
      const cellsBefore = caret?.indexOf('^') ?? -1;
      let cells = 0;
      let index = 0;
      const symbols = Array.from(shown ?? '');
      for (; cells < cellsBefore; index += 1) cells += cellWidth(symbols[index] ?? ' ');
      expect(cells).toBe(cellsBefore);
      const expected = { '\t': ' ', '\u0007': '\\' }[line[place] ?? ''] ?? line[place];
      expect(symbols[index] ?? ' ').toBe(expected);
    }),
  );
});
