import { spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { flockByHelper } from '../../../src/exec/helper.js';
import { lockFile } from '../../../src/state/lock.js';
import { makeFakeHelper, makeScratchDir } from '../exec/fake-helper.js';

function options(timeoutMs: number) {
  const helper = makeFakeHelper();
  return { what: "container 'web'", timeoutMs, flock: (fd: number, ms: number) => flockByHelper(helper, fd, ms) };
}

describe('lockFile', () => {
  test('makes the file and says who holds it', async () => {
    const path = join(makeScratchDir(), 'lock');
    const lock = await lockFile(path, options(1000));
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+\n$`));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await lock?.release();
  });

  test('waits until the lock is free', async () => {
    const path = join(makeScratchDir(), 'lock');
    const first = await lockFile(path, options(1000));
    let released = false;
    setTimeout(() => {
      released = true;
      void first?.release();
    }, 100);
    const second = await lockFile(path, options(5000));
    expect(released).toBe(true);
    await second?.release();
  });

  test('gives up in time and names the holder', async () => {
    const path = join(makeScratchDir(), 'lock');
    const first = await lockFile(path, options(1000));
    await expect(lockFile(path, options(50))).rejects.toMatchObject({
      code: 'CTR_LOCKED',
      message: `cannot lock container 'web': pid ${process.pid} has held it for 0.05 s or longer`,
    });
    await first?.release();
  });

  test('names a holder that is another program', async () => {
    const path = join(makeScratchDir(), 'lock');
    writeFileSync(path, '');
    const holder = spawn('flock', ['-x', '-o', path, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    await expect(lockFile(path, options(50))).rejects.toThrow(`pid ${holder.pid} has held it`);
  });

  test('is free once its holder is killed', async () => {
    const path = join(makeScratchDir(), 'lock');
    writeFileSync(path, '');
    const holder = spawn('flock', ['-x', '-o', path, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    holder.kill('SIGKILL');
    const lock = await lockFile(path, options(5000));
    expect(lock).toBeDefined();
    await lock?.release();
  });

  test('is none on a file that was removed meanwhile, or whose directory is gone', async () => {
    const dir = makeScratchDir();
    const path = join(dir, 'lock');
    const removing = options(1000);
    const lock = await lockFile(path, {
      ...removing,
      flock: async (fd, ms) => {
        rmSync(path);
        return removing.flock(fd, ms);
      },
    });
    expect(lock).toBeUndefined();
    expect(await lockFile(join(dir, 'gone/lock'), options(1000))).toBeUndefined();
  });

  test('does not follow a symbolic link', async () => {
    const dir = makeScratchDir();
    writeFileSync(join(dir, 'victim'), 'safe');
    symlinkSync('victim', join(dir, 'lock'));
    await expect(lockFile(join(dir, 'lock'), options(1000))).rejects.toMatchObject({ code: 'CTR_IO' });
    expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('safe');
  });
});
