import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../../src/system/atomic-file.js';
import { readSmallFile } from '../../../src/system/read-small-file.js';
import { makeScratchDir } from '../exec/fake-helper.js';

describe('writeFileAtomic', () => {
  test('writes a new file for its owner alone, and replaces an old one', async () => {
    const path = join(makeScratchDir(), 'file');
    await writeFileAtomic(path, 'one');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const inode = statSync(path).ino;
    await writeFileAtomic(path, new Uint8Array([0, 255]));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(statSync(path).ino).not.toBe(inode);
  });

  test('replaces a symbolic link instead of writing through it', async () => {
    const dir = makeScratchDir();
    writeFileSync(join(dir, 'victim'), 'safe');
    symlinkSync('victim', join(dir, 'link'));
    await writeFileAtomic(join(dir, 'link'), 'new');
    expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('safe');
    expect(readFileSync(join(dir, 'link'), 'utf8')).toBe('new');
  });

  test('leaves nothing behind when it fails', async () => {
    const dir = makeScratchDir();
    mkdirSync(join(dir, 'busy/full'), { recursive: true });
    await expect(writeFileAtomic(join(dir, 'busy'), 'x')).rejects.toMatchObject({ code: 'CTR_IO' });
    expect(readdirSync(dir)).toEqual(['busy']);
    await expect(writeFileAtomic(join(dir, 'no/file'), 'x')).rejects.toThrow(
      /cannot write '.*': ENOENT \(no such file/,
    );
  });
});

describe('readSmallFile', () => {
  test('gives the text of a regular file', () => {
    const path = join(makeScratchDir(), 'file');
    writeFileSync(path, 'grün\n');
    expect(readSmallFile(path)).toEqual({ kind: 'text', text: 'grün\n' });
  });

  test('says missing for what is not there', () => {
    expect(readSmallFile(join(makeScratchDir(), 'none'))).toEqual({ kind: 'missing' });
    expect(readSmallFile('/dev/null/x')).toEqual({ kind: 'missing' });
  });

  test('neither follows, blocks on nor swallows what is no small regular file', () => {
    const dir = makeScratchDir();
    const at = (name: string) => join(dir, name);
    writeFileSync(at('huge'), '');
    truncateSync(at('huge'), 1024 ** 3);
    symlinkSync('huge', at('link'));
    mkdirSync(at('dir'));
    execFileSync('mkfifo', [at('fifo')]);
    expect(readSmallFile(at('huge'))).toEqual({ kind: 'unreadable', reason: 'is larger than 65536 bytes' });
    expect(readSmallFile(at('link'))).toEqual({ kind: 'unreadable', reason: 'is a symbolic link' });
    expect(readSmallFile(at('dir'))).toEqual({ kind: 'unreadable', reason: 'is not a regular file' });
    expect(readSmallFile(at('fifo'))).toEqual({ kind: 'unreadable', reason: 'is not a regular file' });
  });
});
