import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensurePrivateDir } from '../../../src/system/private-dir.js';
import { makeScratchDir } from '../exec/fake-helper.js';

describe('ensurePrivateDir', () => {
  test('makes the directory for its owner alone, and accepts it again', () => {
    const dir = join(makeScratchDir(), 'a/b');
    ensurePrivateDir(dir);
    expect(statSync(dir).mode & 0o7777).toBe(0o700);
    ensurePrivateDir(dir);
  });

  test('refuses a symbolic link, whatever it points to', () => {
    const scratch = makeScratchDir();
    mkdirSync(join(scratch, 'elsewhere'));
    symlinkSync('elsewhere', join(scratch, 'link'));
    symlinkSync('nowhere', join(scratch, 'dangling'));
    expect(() => ensurePrivateDir(join(scratch, 'link'))).toThrow(
      /cannot use directory '.*link': it is a symbolic link/,
    );
    expect(() => ensurePrivateDir(join(scratch, 'dangling'))).toThrow(/symbolic link/);
    expect(readdirSync(scratch).sort()).toEqual(['dangling', 'elsewhere', 'link']);
  });

  test('refuses a file, and a directory that others can write to', () => {
    const scratch = makeScratchDir();
    writeFileSync(join(scratch, 'file'), '');
    mkdirSync(join(scratch, 'open'));
    chmodSync(join(scratch, 'open'), 0o777);
    expect(() => ensurePrivateDir(join(scratch, 'file'))).toThrow(/it is not a directory/);
    expect(() => ensurePrivateDir(join(scratch, 'open'))).toThrow(/it can be written by other users/);
  });

  test('refuses a directory of another user', ({ skip }) => {
    if (process.geteuid?.() === 0) skip('root owns what could be tried');
    expect(() => ensurePrivateDir('/usr')).toThrow(/belongs to another user/);
  });
});
