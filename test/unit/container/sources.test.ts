import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSources, parseTakenSources, replaySources } from '../../../src/container/sources.js';
import { makePlaces } from './places.js';

describe('openSources', () => {
  test('reads files and lists directories, and says why not', () => {
    const { write, mkdir } = makePlaces();
    const { sources } = openSources();
    const path = write('d/b.conf', 'b');
    write('d/a.conf', 'a');
    expect(sources.readText(path)).toEqual({ ok: true, value: 'b' });
    expect(sources.list(mkdir('d'))).toEqual({ ok: true, value: ['a.conf', 'b.conf'] });
    expect(sources.readText(mkdir('d'))).toEqual({ ok: false, reason: 'it is a directory' });
    expect(sources.readText(`${path}x`)).toEqual({ ok: false, reason: 'ENOENT (no such file or directory)' });
    expect(sources.readText('/dev/null')).toEqual({ ok: false, reason: 'it is no regular file' });
    expect(sources.readText(write('big', 'x'.repeat(1024 * 1024 + 1)))).toMatchObject({
      reason: 'it is larger than 1048576 bytes',
    });
  });

  test('follows a link that the user names', () => {
    const { write, scratch } = makePlaces();
    symlinkSync(write('a', 'text'), join(scratch, 'link'));
    expect(openSources().sources.readText(join(scratch, 'link'))).toEqual({ ok: true, value: 'text' });
  });

  test.skipIf(process.geteuid?.() !== 0)('refuses what every user may write to', () => {
    const { write, mkdir } = makePlaces();
    const path = write('d/a', 'text');
    chmodSync(path, 0o666);
    expect(openSources().sources.readText(path)).toEqual({ ok: false, reason: 'every user may write to it' });
    chmodSync(mkdir('d'), 0o1777);
    expect(openSources().sources.list(mkdir('d'))).toEqual({ ok: false, reason: 'every user may write to it' });
  });

  test('has a bound for all files together, and for their number', () => {
    const { write } = makePlaces();
    const { sources } = openSources();
    const reasons = Array.from({ length: 9 }, (_, index) =>
      sources.readText(write(`f${index}`, 'x'.repeat(1024 ** 2))),
    );
    expect(reasons.filter(({ ok }) => ok)).toHaveLength(8);
    const many = openSources().sources;
    const answers = Array.from({ length: 1001 }, (_, index) => many.readText(`/nonexistent/${index}`));
    expect(answers.at(-1)).toEqual({ ok: false, reason: 'it names more than 1000 files' });
  });
});

describe('replaySources', () => {
  test('says what was read at define, whatever became of the files', () => {
    const { write, mkdir } = makePlaces();
    const { sources, taken } = openSources();
    expect(taken()).toBeUndefined();
    const path = write('d/__proto__', 'before');
    const first = [sources.readText(path), sources.list(mkdir('d')), sources.readText('/nonexistent')];
    writeFileSync(path, 'after');
    const stored = parseTakenSources(JSON.stringify(taken()));
    if (stored === undefined) throw new Error('nothing was taken');
    const again = replaySources(stored);
    expect([again.readText(path), again.list(mkdir('d')), again.readText('/nonexistent')]).toEqual(first);
    for (const other of ['/etc/passwd', '__proto__', 'toString']) {
      expect(again.readText(other)).toEqual({ ok: false, reason: 'it was not read at define' });
    }
  });

  test('of something else is none', () => {
    for (const text of ['', '{', 'null', '[]', '3', '{"texts":{}}']) expect(parseTakenSources(text)).toBeUndefined();
  });
});
