import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeSettings } from '../../../src/system/describe-settings.js';
import { parseSettings } from '../../../src/system/parse-settings.js';
import { readSettings } from '../../../src/system/read-settings.js';
import { SETTINGS } from '../../../src/system/settings-rows.js';
import { makeScratchDir } from '../exec/fake-helper.js';

function faultsOf(text: string): string[] {
  const result = parseSettings(text);
  return result.ok ? [] : result.faults.map(({ line, message }) => `${line}: ${message}`);
}

describe('parseSettings', () => {
  test('reads every key, comments and quotes as INI has them', () => {
    const text = `; of this host
[bootstrap]
memory = 128M ; not much
pids="100"

# ours
[ids]
first=2000000
last=2999999\r
[console]
log-limit = 8192
`;
    expect(parseSettings(text)).toEqual({
      ok: true,
      settings: {
        bootstrapMemoryBytes: 128 * 1024 * 1024,
        bootstrapPids: 100,
        firstId: 2_000_000,
        lastId: 2_999_999,
        consoleLogLimitBytes: 8192,
      },
    });
  });

  test('of an empty text has none', () => {
    expect(parseSettings('')).toEqual({ ok: true, settings: {} });
    expect(parseSettings('[ids]\n;first=1\n')).toEqual({ ok: true, settings: {} });
  });

  test.for([
    ['[bootstrap]\nmemory=64Q\n', "2: [bootstrap] memory: '64Q' is not a size, as in '64M'"],
    ['[bootstrap]\nmemory=1K\n', "2: [bootstrap] memory: '1K' is not from 1048576 to 1125899906842624"],
    ['[bootstrap]\npids=-1\n', "2: [bootstrap] pids: '-1' is not a whole number"],
    ['[bootstrap]\npids=1e3\n', "2: [bootstrap] pids: '1e3' is not a whole number"],
    ['[bootstrap]\npids=0\n', "2: [bootstrap] pids: '0' is not from 1 to 4194304"],
    ['[bootstrap]\npids\n', '2: [bootstrap] pids: what is there is not a whole number'],
    ['[bootstrap]\npids=\n', '2: [bootstrap] pids: what is there is not a whole number'],
    ['[bootstrap]\npids=true\n', '2: [bootstrap] pids: what is there is not a whole number'],
    ['\n[bootstrap]\npids[]=1\n', "3: [bootstrap] has no key 'pids[]': known are memory, pids"],
    ['[bootstrap]\nmem=1\n', "2: [bootstrap] has no key 'mem': known are memory, pids"],
    ['[bootstrap]\npids=1\n[ids]\n[bootstrap]\npids=2\n', '5: [bootstrap] pids is given twice'],
    ['[boot]\npids=1\n', '1: there is no section [boot]: known are bootstrap, ids, console, views'],
    ['[]\n', '1: there is no section []: known are bootstrap, ids, console, views'],
    ['[__proto__]\nx=1\n', '1: there is no section [__proto__]: known are bootstrap, ids, console, views'],
    ['[ids]\n__proto__=1\n', "2: [ids] has no key '__proto__': known are first, last"],
    ['memory=64M\n', "1: 'memory' stands before the first section"],
    ['[ids]\nfirst=1000\n', "2: [ids] first: '1000' is not from 65536 to 4294967294"],
    ['[ids]\nfirst=200000\nlast=100000\n', '3: [ids] last: 100000 is less than first'],
  ])('%j has a fault, with its line', ([text, fault]) => {
    expect(faultsOf(text ?? '')).toEqual([fault]);
  });

  test('tells all faults together', () => {
    expect(faultsOf('[ids]\nfirst=x\nlast=y\n[z]\n')).toHaveLength(3);
  });

  test('survives any text, and changes no prototype', () => {
    const word = fc.constantFrom('[', ']', '=', '\n', ';', '"', "'", '__proto__', 'ids', 'first', '1000000', '\\', '.');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        (text) => {
          parseSettings(text);
          expect(Object.keys(Object.prototype)).toEqual([]);
        },
      ),
    );
  });
});

describe('readSettings', () => {
  const write = (text: string, mode = 0o644) => {
    const path = join(makeScratchDir(), 'ctr.conf');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test('reads a file; one that is missing has no settings', () => {
    expect(readSettings(write('[ids]\nfirst=70000\n'))).toEqual({ firstId: 70_000 });
    expect(readSettings(join(makeScratchDir(), 'no', 'ctr.conf'))).toEqual({});
  });

  test('names the file, and each fault with its line', () => {
    const path = write('[ids]\nfirst=x\n');
    expect(() => readSettings(path)).toThrow(
      expect.objectContaining({
        code: 'CTR_BAD_CONFIG',
        message: `cannot read settings '${path}': it has a fault`,
        data: expect.objectContaining({ rendered: `${path}:2: [ids] first: 'x' is not a whole number` }),
      }),
    );
  });

  test.for([0o666, 0o664, 0o602])('refuses a file that others may write to [%o]', (mode) => {
    expect(() => readSettings(write('', mode))).toThrow(/it can be written by other users$/);
  });

  test('refuses a symbolic link, a directory and a huge file', () => {
    const scratch = makeScratchDir();
    symlinkSync(write(''), join(scratch, 'link'));
    mkdirSync(join(scratch, 'directory'));
    expect(() => readSettings(join(scratch, 'link'))).toThrow(/it is a symbolic link$/);
    expect(() => readSettings(join(scratch, 'directory'))).toThrow(/it is not a regular file$/);
    expect(() => readSettings(write(';'.repeat(70_000)))).toThrow(/it is larger than 65536 bytes$/);
  });
});

test('the reference shows every key in its section, and an example that is right', () => {
  const page = describeSettings();
  for (const { section, key } of Object.values(SETTINGS)) {
    expect(page.split(`## \`[${section}]\``)[1]?.split('\n## ')[0]).toContain(`| \`${key}\` |`);
  }
  const example = /```ini\n(.*?)```/s.exec(page)?.[1] ?? '';
  expect(parseSettings(example)).toMatchObject({ ok: true, settings: { firstId: 2_000_000 } });
});
