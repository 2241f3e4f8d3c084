import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLxc } from '../../../../src/config/lxc/format-lxc.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';
import { sourcesOf } from './sources.js';
import { lxcText, NAMED_FILES } from './text-arbitrary.js';

const sources = sourcesOf(NAMED_FILES);

function read(text: string): ContainerSpec {
  const { definition, diagnostics } = readLxc(text, { file: 'config', sources });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (definition === undefined || errors.length > 0) throw new Error(JSON.stringify(errors));
  return definition.spec;
}

test('the print of what was read is read as the same container, and printed as the same text', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(lxcText, (text) => {
      const spec = read(text);
      const print = formatLxc(spec);
      const again = read(print);
      expect(again).toEqual(spec);
      expect(formatLxc(again)).toBe(print);
    }),
    { numRuns: 400 },
  );
});

test('a print has the keys of LXC 3 and later, but for what version 1 of cgroups alone can say', () => {
  fc.assert(
    fc.property(lxcText, (text) => {
      const keys = formatLxc(read(text)).matchAll(/^(lxc\.[^ ]+) = ./gm);
      for (const [, key = ''] of keys) {
        expect(key).not.toMatch(
          /^lxc\.(network|utsname|rootfs|tty|pts|id_map|mount|limit)(\.[a-z]+)?$(?<!\.(path|options|max|dir|entry|auto))/,
        );
      }
    }),
    { numRuns: 50 },
  );
});
