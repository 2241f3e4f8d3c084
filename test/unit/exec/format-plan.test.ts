import { describe, expect, test } from 'vitest';
import { formatPlan } from '../../../src/exec/format-plan.js';
import { formatAddress, formatMode, formatText } from '../../../src/exec/format-values.js';
import type { Op } from '../../../src/exec/plan.js';

describe('formatPlan', () => {
  test('aligns neighbours of one name, and only these', () => {
    const ops: Op[] = [
      { op: 'symlink', path: '/dev/fd', target: '/proc/self/fd' },
      { op: 'mask', path: '/proc/kcore', options: 4 },
      { op: 'mask', path: '/proc/keys', options: 0 },
      { op: 'pivot' },
    ];
    expect(formatPlan({ ops })).toBe(
      [
        'mount symlink         /dev/fd → /proc/self/fd',
        'mount mask            /proc/kcore  [optional]',
        'mount mask            /proc/keys',
        'mount pivot',
        '',
      ].join('\n'),
    );
  });

  test('names flags and options by their words', () => {
    const op: Op = { op: 'bind', source: '/a', target: '/b', flags: 1 | 4 | 16384, options: 1 | 8 };
    expect(formatPlan({ ops: [op] })).toBe('mount bind            /a → /b  ro nodev rec  [idmapped, no-symlinks]\n');
  });

  test('prints nothing of an empty plan', () => {
    expect(formatPlan({ ops: [] })).toBe('');
  });
});

describe('formatText', () => {
  test.each([
    ['/usr/bin/env', '/usr/bin/env'],
    ['größe', 'größe'],
    ['', '""'],
    ['two words', '"two words"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['line\nbreak', '"line\\nbreak"'],
    ['\u001b[2J', '"\\u001b[2J"'],
    ['\u009b2J', '"\\u{9b}2J"'],
    ['\u202egnp', '"\\u{202e}gnp"'],
  ])('prints %j as %s', (text, printed) => {
    expect(formatText(text)).toBe(printed);
  });
});

describe('formatAddress', () => {
  test.each([
    ['192.0.2.1', [192, 0, 2, 1]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['2001:db8::10', [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10]],
    ['2001:db8:0:1:1:1:1:1', [0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]],
    ['2001:0:0:1::1', [0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['fe80::', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['0x0102', [1, 2]],
  ])('prints %s', (text, bytes) => {
    expect(formatAddress(Uint8Array.from(bytes))).toBe(text);
  });
});

describe('formatMode', () => {
  test.each([
    [0o020666, 'char 0666'],
    [0o060600, 'block 0600'],
    [0o040755, 'dir 0755'],
    [0o755, '0755'],
    [0o41777, 'dir 1777'],
  ])('prints 0o%o as %s', (mode, text) => {
    expect(formatMode(mode)).toBe(text);
  });
});
