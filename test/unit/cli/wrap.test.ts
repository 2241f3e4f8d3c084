import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCheck } from '../../../src/cli/commands/check.js';
import { textWidth } from '../../../src/cli/visible.js';
import { wrapLine } from '../../../src/cli/wrap.js';

describe('a line for a terminal', () => {
  test('is broken at its blanks, and what follows is indented', () => {
    const line = `  name  ${'word '.repeat(10)}end`;
    expect(wrapLine(line, 8, 40)).toBe(`  name  ${'word '.repeat(6).trimEnd()}\n        ${'word '.repeat(4)}end\n`);
  });

  test('stays whole without a terminal, where it fits, and where nothing would be left beside the indent', () => {
    const line = 'a '.repeat(60).trimEnd();
    expect(wrapLine(line, 4, undefined)).toBe(`${line}\n`);
    expect(wrapLine(line, 4, 119)).toBe(`${line}\n`);
    expect(wrapLine(line, 60, 80)).toBe(`${line}\n`);
    expect(wrapLine('', 4, 80)).toBe('\n');
  });

  test('loses no word and is no wider than the terminal but for a word that is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', '→'), maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 30, max: 80 }), (line, width) => {
        const lines = wrapLine(line, 4, width).slice(0, -1).split('\n');
        const words = (all: string) => all.split(/\s+/).filter((word) => word !== '');
        expect(words(lines.join(' '))).toEqual(words(line));
        for (const one of lines) {
          const [first = '', second] = words(one);
          if (second !== undefined || textWidth(first) < width - 4)
            expect(textWidth(one.trimEnd())).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  test('of check keeps details and hints in their columns', () => {
    const items = [
      { group: 'g', name: 'pidfd', status: 'absent', detail: 'one two three four', hint: 'five six seven eight' },
    ] as const;
    expect(formatCheck(items, 42)).toBe('g\n  pidfd  absent   one two three four\n  hint: five six seven eight\n');
    const long = [{ ...items[0], detail: 'detail '.repeat(8).trim(), hint: 'hint '.repeat(12).trim() }];
    const lines = formatCheck(long, 50).split('\n');
    expect(lines[2]).toMatch(/^ {18}detail/);
    expect(lines.every((line) => line.length <= 50)).toBe(true);
    expect(lines.filter((line) => line.startsWith('        hint'))).toHaveLength(1);
  });
});
