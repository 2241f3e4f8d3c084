import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootstrapBusybox } from '../../../src/rootfs/bootstrap-busybox.js';
import { isStaticElf } from '../../../src/rootfs/elf.js';
import { findHostBusybox } from '../../../src/rootfs/find-busybox.js';
import { statInside } from '../../../src/rootfs/resolve-inside.js';
import { sha512Crypt } from '../../../src/rootfs/sha512-crypt.js';
import { makeScratchDir } from '../exec/fake-helper.js';

async function makeRoot(): Promise<string> {
  const scratch = makeScratchDir();
  const root = join(scratch, 'root');
  mkdirSync(root);
  await bootstrapBusybox({ root, name: 'web', password: 'geheim', scratchDir: scratch, onProgress: () => {} });
  return root;
}

describe('the BusyBox root', async () => {
  const lack = (await findHostBusybox()) === undefined ? 'this host has no static BusyBox' : undefined;
  test.beforeEach(({ skip }) => skip(lack !== undefined, lack));

  test('has one static program and links to it, in a merged /usr', async () => {
    const root = await makeRoot();
    expect(isStaticElf(readFileSync(join(root, 'usr/bin/busybox')).subarray(0, 4096))).toBe(true);
    for (const path of ['/bin/sh', '/sbin/init', '/usr/sbin/getty', '/bin/login', '/sbin/poweroff']) {
      expect(statInside(root, path)?.ino).toBe(statSync(join(root, 'usr/bin/busybox')).ino);
    }
    expect(readlinkSync(join(root, 'bin'))).toBe('usr/bin');
    expect(readlinkSync(join(root, 'usr/sbin'))).toBe('bin');
    expect(readdirSync(join(root, 'usr/bin')).length).toBeGreaterThan(100);
  });

  test('has the mount points as directories, empty', async () => {
    const root = await makeRoot();
    for (const name of ['dev', 'proc', 'sys', 'run', 'tmp']) {
      expect(lstatSync(join(root, name)).isDirectory()).toBe(true);
      expect(readdirSync(join(root, name))).toEqual([]);
    }
    expect(statSync(join(root, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(statSync(join(root, 'root')).mode & 0o7777).toBe(0o700);
  });

  test('has users, with a password that only root inside can read the hash of', async () => {
    const root = await makeRoot();
    expect(readFileSync(join(root, 'etc/group'), 'utf8')).toMatch(/^tty:x:5:$/m);
    const shadow = readFileSync(join(root, 'etc/shadow'), 'utf8');
    expect(statSync(join(root, 'etc/shadow')).mode & 0o777).toBe(0o600);
    const [, salt = '', hash] = /^root:(?:\$6\$)([^$]+)\$([^:]+):\d+:0:99999:7:::$/m.exec(shadow) ?? [];
    expect(sha512Crypt('geheim', salt)).toBe(`$6$${salt}$${hash}`);
    expect(shadow).not.toContain('geheim');
  });

  test('says what it is, and has no placeholder left', async () => {
    const root = await makeRoot();
    expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('web\n');
    expect(readFileSync(join(root, 'etc/os-release'), 'utf8')).toMatch(/^VERSION_ID=\d+\.\d+/m);
    expect(statSync(join(root, 'etc/init.d/rcS')).mode & 0o777).toBe(0o755);
    for (const name of readdirSync(join(root, 'etc'), { withFileTypes: true })) {
      if (name.isFile()) expect(readFileSync(join(root, 'etc', name.name), 'utf8')).not.toMatch(/@[A-Z_]+@/);
    }
  });

  test('is made with the same modes under any umask', async () => {
    const mask = process.umask(0o077);
    try {
      const root = await makeRoot();
      for (const path of ['usr', 'usr/bin', 'usr/bin/busybox', 'etc']) {
        expect(statSync(join(root, path)).mode & 0o777).toBe(0o755);
      }
    } finally {
      process.umask(mask);
    }
  });
});

test('isStaticElf tells static from dynamic, and from no program', () => {
  expect(isStaticElf(readFileSync(process.execPath).subarray(0, 4096))).toBe(false);
  expect(isStaticElf(Buffer.from('#!/bin/sh\n'))).toBe(false);
  expect(isStaticElf(Buffer.alloc(0))).toBe(false);
});

test('sha512Crypt gives the results of the specification', () => {
  expect(sha512Crypt('Hello world!', 'saltstring')).toBe(
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  );
  expect(sha512Crypt('pässword', 'saltstring')).toBe(
    '$6$saltstring$CSTM8ggie.dU5m6eoS07/LZ2D/r4hrX.jxMSo1fYZexnehwOFJu1o2u1p.BZSnrxIhERrHnuxI8ONbt/kSPvF0',
  );
});
