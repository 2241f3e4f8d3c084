import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNspawn } from '../../../../src/config/nspawn/format-nspawn.js';
import { readNspawn } from '../../../../src/config/nspawn/read-nspawn.js';
import { anySpec } from '../libvirt/spec-arbitrary.js';
import { OPTIONS, specOf, specWithWarnings } from './read-text.js';
import { anySettings, anyText } from './settings-arbitrary.js';

describe('print and read', () => {
  test('a file that is read, printed and read again is the same container, without a warning', {
    timeout: 60_000,
  }, () => {
    let read = 0;
    fc.assert(
      fc.property(anySettings, (text) => {
        const { definition } = readNspawn(text, OPTIONS);
        if (definition === undefined) return;
        read += 1;
        const print = formatNspawn(definition.spec);
        expect(specOf(print)).toEqual(definition.spec);
        expect(formatNspawn(specOf(print))).toBe(print);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(250);
  });

  test('so is one whose owners on disk stay, but for the warning about it', () => {
    const spec = specWithWarnings('[Exec]\nPrivateUsers=pick\n[Files]\nPrivateUsersOwnership=chown\n');
    expect(specWithWarnings(formatNspawn(spec))).toEqual(spec);
  });

  test('what another format says and this one cannot is left out, the rest is read without a fault', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const print = formatNspawn(spec);
        expect(readNspawn(print, { ...OPTIONS, name: spec.name }).diagnostics).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('the print is in sections and in the order of the table, without what is so anyway', () => {
    const text =
      '[Network]\nVirtualEthernet=on\n[Files]\nBind=/a:/a:rbind\n[Exec]\nHostname=web\nTimezone=auto\nBoot=1\n';
    expect(formatNspawn(specOf(text))).toBe('[Exec]\nBoot=yes\n\n[Files]\nBind=/a\n\n[Network]\nVirtualEthernet=yes\n');
  });

  test.each([
    [
      '[Exec]\nSystemCallFilter=~setns @sync\n',
      'SystemCallFilter=~fdatasync fsync msync setns sync sync_file_range syncfs\n',
    ],
    ['[Exec]\nSystemCallFilter=read\n', 'SystemCallFilter=@default\n'],
    ['[Exec]\nPrivateUsers=0:65536\n', 'PrivateUsers=identity\n'],
    ['[Exec]\nPrivateUsers=1:65536\n', 'PrivateUsers=1:65536\n'],
    ['[Exec]\nDropCapability=CAP_KILL\nCapability=CAP_BPF\n', 'Capability=CAP_BPF\nDropCapability=CAP_KILL\n'],
    ['[Exec]\nKillSignal=2\n', 'KillSignal=SIGINT\n'],
    ['[Files]\nBind=:/x\n', 'TemporaryFileSystem=/x\n'],
    ['[Files]\nTemporaryFileSystem=/x:size=1m,mode=700\n', 'TemporaryFileSystem=/x:mode=0700,size=1048576\n'],
  ])('%j is printed as %j', (text, print) => expect(formatNspawn(specOf(text))).toContain(print));

  test('a value with a line break is left out, so it cannot bring settings in', () => {
    const spec = specOf('');
    const print = formatNspawn({
      ...spec,
      hostname: 'a\nBoot=yes',
      init: {
        ...spec.init,
        dir: '/x\n[Network]',
        env: [...spec.init.env, { name: 'A', value: 'b\rc' }, { name: 'B', value: '\\' }],
      },
    });
    expect(print).toBe('[Exec]\nBoot=no\nEnvironment="B=\\"\n');
  });
});

describe('any text', () => {
  test('gives a container or errors, each fault at a place of the text; nothing is thrown', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), fc.boolean(), (text, trusted) => {
        const { definition, diagnostics } = readNspawn(text, { ...OPTIONS, trusted });
        const hasError = diagnostics.some(({ severity }) => severity === 'error');
        expect(definition === undefined).toBe(hasError);
        const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
        for (const { line, column } of diagnostics) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column - 1).toBeLessThanOrEqual(Array.from(lines[line - 1] ?? '').length);
        }
      }),
      { numRuns: 1000 },
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('names of the language itself are names like others', () => {
    const text =
      '[__proto__]\n[constructor]\n[Exec]\n__proto__=1\nconstructor=2\nEnvironment=__proto__=polluted\nCapability=__proto__\n';
    const { definition, diagnostics } = readNspawn(text, OPTIONS);
    expect(diagnostics).toHaveLength(5);
    expect(definition?.spec.init.env.at(-1)).toEqual({ name: '__proto__', value: 'polluted' });
  });

  test('1 MiB is enough', () => {
    const text = `#${'a'.repeat(1024 * 1024 - 1)}`;
    expect(readNspawn(text, OPTIONS).diagnostics).toEqual([]);
    for (const longer of [`${text}a`, `#${'é'.repeat(1024 * 512)}`]) {
      expect(readNspawn(longer, OPTIONS).diagnostics).toMatchObject([{ severity: 'error', line: 1, column: 1 }]);
    }
  });
});
