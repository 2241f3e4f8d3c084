import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findHostBusybox, unpackBusybox } from '../../../src/rootfs/find-busybox.js';
import { lacksProgram } from '../../rig/needs.js';
import { makeScratchDir } from '../exec/fake-helper.js';

/** A Debian package with what `fill` makes in its tree. */
function makePackage(scratch: string, fill: (tree: string) => void): string {
  const tree = join(scratch, 'tree');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 });
  const control = ['Package: busybox-static', 'Version: 1', 'Architecture: all', 'Maintainer: x <x@example.org>'];
  writeFileSync(join(tree, 'DEBIAN/control'), `${control.join('\n')}\nDescription: test\n`);
  fill(tree);
  const archive = join(scratch, 'busybox-static.deb');
  const { status, stderr } = spawnSync('dpkg-deb', ['--build', tree, archive], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return archive;
}

function put(tree: string, path: string, write: (file: string) => void): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  write(join(tree, path));
}

describe('unpackBusybox', async () => {
  const busybox = (await findHostBusybox()) ?? '';
  const lack = lacksProgram('dpkg-deb') ?? (busybox === '' ? 'this host has no static BusyBox' : undefined);
  test.beforeEach(({ skip }) => skip(lack !== undefined, lack));

  test.for(['bin/busybox', 'usr/bin/busybox'])('takes %s out of the package, and nothing else', async (place) => {
    const scratch = makeScratchDir();
    const archive = makePackage(scratch, (tree) => {
      put(tree, place, (file) => copyFileSync(busybox, file));
      put(tree, 'etc/other', (file) => writeFileSync(file, 'x'));
    });
    const path = await unpackBusybox(archive, join(scratch, 'out'));
    expect(readFileSync(path).equals(readFileSync(busybox))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });

  test.for<[string, (tree: string) => void, RegExp]>([
    ['holds none', (tree) => put(tree, 'bin/sh', (file) => writeFileSync(file, 'x')), /holds no 'bin\/busybox'/],
    ['holds a link', (tree) => put(tree, 'bin/busybox', (file) => symlinkSync('/etc/shadow', file)), /no regular file/],
    [
      'holds a dynamic program',
      (tree) => put(tree, 'bin/busybox', (file) => copyFileSync('/bin/ls', file)),
      /not static/,
    ],
    [
      'holds a huge file',
      (tree) => put(tree, 'bin/busybox', (file) => writeFileSync(file, Buffer.alloc(17 * 1024 * 1024))),
      /larger than 16777216 bytes/,
    ],
  ])('refuses a package that %s', async ([, fill, message]) => {
    const scratch = makeScratchDir();
    const archive = makePackage(scratch, fill);
    await expect(unpackBusybox(archive, join(scratch, 'out'))).rejects.toThrow(message);
    expect(existsSync(join(scratch, 'out'))).toBe(false);
  });

  test('tells what is wrong with a file that is no package', async () => {
    const scratch = makeScratchDir();
    writeFileSync(join(scratch, 'x.deb'), 'hello');
    await expect(unpackBusybox(join(scratch, 'x.deb'), join(scratch, 'out'))).rejects.toThrow(/dpkg-deb: .*archive/);
  });

  test('writes over nothing', async () => {
    const scratch = makeScratchDir();
    const archive = makePackage(scratch, (tree) => put(tree, 'bin/busybox', (file) => copyFileSync(busybox, file)));
    symlinkSync(join(scratch, 'victim'), join(scratch, 'out'));
    await expect(unpackBusybox(archive, join(scratch, 'out'))).rejects.toThrow(/EEXIST/);
    expect(existsSync(join(scratch, 'victim'))).toBe(false);
  });
});
