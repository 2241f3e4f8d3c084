import { describe, expect, test } from 'vitest';
import { createConsoleFilter } from '../../../src/cli/console-filter.js';
import { arrangeEnterArgs } from '../../../src/cli/enter-args.js';
import { formatAge, formatBytes } from '../../../src/cli/format.js';
import { formatFields, formatTable } from '../../../src/cli/table.js';
import { collectEnv, parseConsole, parseCount, parseEscape, parseSeconds, parseSize } from '../../../src/cli/values.js';
import { textWidth, truncate, visible } from '../../../src/cli/visible.js';

describe('text on its way to a terminal', () => {
  test('has its control and direction characters spelled out', () => {
    expect(visible('a\x1b[31mb\x07\u202ec\x9b')).toBe('a\\x1b[31mb\\x07\\u{202e}c\\x9b');
    expect(visible('line\nline')).toBe('line\nline');
  });

  test('is measured in cells', () => {
    expect(textWidth('abc')).toBe(3);
    expect(textWidth('漢字')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
  });

  test('is cut with a mark, never through a wide character', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 5)).toBe('abcd…');
    expect(truncate('漢字漢', 4)).toBe('漢…');
    expect(truncate('ab', 0)).toBe('');
  });
});

describe('formatTable', () => {
  const columns = [{ title: 'NAME' }, { title: 'PID', align: 'right' }, { title: 'NOTE' }] as const;

  test('aligns by cells, marks what is empty, and ends no line with blanks', () => {
    expect(
      formatTable(columns, [
        ['web', '7', 'x'],
        ['漢字', undefined, ''],
      ]),
    ).toBe('NAME  PID  NOTE\nweb     7  x\n漢字    -  -\n');
  });

  test('shows a row in one line, whatever is in its cells', () => {
    expect(formatTable([{ title: 'N' }], [['a\nb\x1b[2J']])).toBe('N\na b\\x1b[2J\n');
  });

  test('cuts at the width of the terminal', () => {
    expect(formatTable(columns, [['web', '7', 'a long note']], { width: 15 })).toBe(
      'NAME  PID  NOTE\nweb     7  a l…\n',
    );
  });

  test('without rows is its titles', () => {
    expect(formatTable(columns, [])).toBe('NAME  PID  NOTE\n');
  });

  test('formatFields leaves out what is undefined', () => {
    expect(
      formatFields([
        ['a', '1'],
        ['long', undefined],
        ['bb', '2'],
      ]),
    ).toBe('a   1\nbb  2\n');
  });
});

describe('numbers', () => {
  test('bytes', () => {
    expect([0, 1023, 1024, 1536, 67108864, 5 * 2 ** 50].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1 KiB',
      '1.5 KiB',
      '64 MiB',
      '5 PiB',
    ]);
  });

  test('ages, never negative', () => {
    expect([-5, 0, 119_999, 120_000, 7_200_000, 172_800_000].map(formatAge)).toEqual([
      '0 s',
      '0 s',
      '119 s',
      '2 min',
      '2 h',
      '2 d',
    ]);
  });
});

describe('values of options', () => {
  test('sizes', () => {
    expect(['1', '64M', '64MiB', '1.5g', '2 kb'].map(parseSize)).toEqual([1, 67108864, 67108864, 1610612736, 2048]);
    for (const bad of ['', '0', '-1', '1X', 'M', '1e9', '9999999T']) expect(() => parseSize(bad)).toThrow();
  });

  test('seconds are ms', () => {
    expect(['0', '10', '0.25'].map(parseSeconds)).toEqual([0, 10_000, 250]);
    for (const bad of ['', '-1', 'soon', '1e3', '9999999']) expect(() => parseSeconds(bad)).toThrow();
  });

  test('counts, consoles, keys', () => {
    expect(parseCount('256')).toBe(256);
    for (const bad of ['0', '-1', '1.5', 'x', '']) expect(() => parseCount(bad)).toThrow();
    expect([parseConsole('console1'), parseConsole('console15')]).toEqual([1, 15]);
    for (const bad of ['tty1', 'console', '1', 'console16', 'console01', '-1'])
      expect(() => parseConsole(bad)).toThrow();
    for (const keys of ['^]', '^a q', '^P,^Q', '\x1c', '^?', '~ .', 'none']) expect(parseEscape(keys)).toBe(keys);
    for (const bad of ['', ' ', '^', '^1', '^]x', 'ab', 'é', 'a b c d e f g h i'])
      expect(() => parseEscape(bad)).toThrow();
  });

  test('environment entries are collected, the last of a name counts', () => {
    expect(collectEnv('A=2', collectEnv('B=', collectEnv('A=1=\n')))).toEqual({ A: '2', B: '' });
    for (const bad of ['A', '=x', '']) expect(() => collectEnv(bad)).toThrow();
  });
});

describe('arrangeEnterArgs', () => {
  test.for([
    ['web', '-- web'],
    ['web ls -l', '-- web ls -l'],
    ['-u nobody web ls', '-u nobody -- web ls'],
    ['web -u nobody ls', '-u nobody -- web ls'],
    ['web -u nobody -- -x -u', '-u nobody -- web -x -u'],
    ['-tw /tmp web -e A=1 sh -c x', '-tw /tmp -e A=1 -- web sh -c x'],
    ['web -unobody --env=A=1 id', '-unobody --env=A=1 -- web id'],
    ['-- web ls', '-- web ls'],
    ['web -- -- x', '-- web -- x'],
    ['--help', '--help'],
    ['web --bad x', '--bad -- web x'],
    ['', ''],
  ] as const)('%j becomes %j', ([args, arranged]) => {
    expect(arrangeEnterArgs(args.split(' ').filter(Boolean)).join(' ')).toBe(arranged);
  });

  test('an option without its value keeps its place, for the parser to complain', () => {
    expect(arrangeEnterArgs(['web', '-u'])).toEqual(['-u', '--', 'web']);
  });
});

describe('createConsoleFilter', () => {
  const INPUT = Buffer.from(
    'a\x1b[1;31mred\x1b[0m\r\nb\x1b]0;title\x07c\x1b]0;t\x1b\\d\x1bPdata\x1b\\e\x07\x08\x7f \xc2\x9bx grün\tz\x1b(B!\n',
    'utf8',
  );

  test('takes out what steers a terminal and keeps the text', () => {
    const text = 'ared\nbcde^G^H^? ';
    expect(createConsoleFilter()(INPUT).toString()).toContain(text);
    expect(createConsoleFilter()(INPUT).toString()).toMatch(/grün\tz!\n$/);
  });

  test('gives the same whatever the bytes are cut into', () => {
    const whole = createConsoleFilter()(INPUT);
    const filter = createConsoleFilter();
    const pieces = Array.from(INPUT, (byte) => filter(Uint8Array.of(byte)));
    expect(Buffer.concat(pieces)).toEqual(whole);
  });

  test('lets no control byte through, of any input', () => {
    const bytes = Uint8Array.from({ length: 65536 }, (_, index) => (index * 31 + (index >> 8) * 17) % 256);
    const out = createConsoleFilter()(bytes);
    expect([...out].filter((byte) => (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f)).toEqual([]);
    expect(/[\u0080-\u009f]/.test(out.toString('utf8'))).toBe(false);
  });
});
