import { describe, expect, test } from 'vitest';
import { createConsoleFilter } from '../../../src/cli/console-filter.js';

/** The text through one filter, cut after every byte. */
function filterByBytes(text: string | Uint8Array): string {
  const filter = createConsoleFilter();
  return Buffer.concat([...Buffer.from(text)].map((byte) => filter(Uint8Array.of(byte)))).toString();
}

describe('what a console said, for reading', () => {
  test.for([
    ['marks that turn the direction', 'a\u202eb\u2066c\u2069d\u200ee\u200ff', 'abcdef'],
    ['C1 controls', 'a\u009b2Jb\u0085c', 'a2Jbc'],
  ] as const)('is without %s', ([, text, expected]) => {
    expect(filterByBytes(text)).toBe(expected);
    expect(createConsoleFilter()(Buffer.from(text)).toString()).toBe(expected);
  });

  test.for(['“quotes” – dashes…', '€ ™ ℃ ∞ ⁰ 日本 ü Â¡ \u00a0', 'zero\u200bwidth 👩‍💻'])('keeps %s', (text) => {
    expect(filterByBytes(text)).toBe(text);
  });

  test('leaves out a character that stays incomplete, and keeps what follows', () => {
    expect(filterByBytes(Uint8Array.of(0xe2, 0x80, 0x41, 0xe2, 0x41, 0xc2, 0x41))).toBe('AAA');
    expect(filterByBytes(Uint8Array.of(0xe2, 0xe2, 0x82, 0xac, 0xc2, 0xe2, 0x82, 0xac))).toBe('€€');
    expect(filterByBytes(Uint8Array.of(0xe2, 0x80, 0x1b, 0x5b, 0x6d, 0xae, 0x41)).endsWith('A')).toBe(true);
  });
});
