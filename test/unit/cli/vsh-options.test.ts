import { describe, expect, test } from 'vitest';
import { describeVsh } from '../../../src/cli/describe-vsh.js';
import { VSH, VSHD } from '../../../src/cli/vsh-options.js';
import { formatVshHelp, formatVshOptionsHeader } from '../../../src/cli/vsh-options-header.js';

describe.for([VSH, VSHD])('$name', (program) => {
  test('has help that fits into 80 columns', () => {
    for (const line of formatVshHelp(program).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('has its options in the header, in one order for names and numbers', () => {
    const header = formatVshOptionsHeader();
    const table =
      new RegExp(`${program.name}_options\\[\\] = \\{\\n((?:.*,\\n)*?)\\t\\{ 0 \\},`).exec(header)?.[1] ?? '';
    const rows = [...table.matchAll(/^\t\{ "(\w+)", VSH_(NO_VALUE|VALUE|BOOL) \},$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(program.options.map(({ name }) => name));
    const prefix = program.name.toUpperCase();
    const numbers = program.options.map(({ name }) => `${prefix}_${name.toUpperCase()}`);
    expect(header).toContain(`enum { ${[...numbers, `${prefix}_OPTIONS`].join(', ')} };`);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('stands in the reference with all its options but the library’s own', () => {
    for (const { name, hidden } of program.options) {
      if (hidden) expect(describeVsh()).not.toContain(`--${name}`);
      else expect(describeVsh()).toContain(`--${name}`);
    }
  });
});
