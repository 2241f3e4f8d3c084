/** Roots that are no plain directory, and what becomes of changes to them. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, FilesystemSpec } from '../../src/config/spec.js';
import {
  describe,
  expect,
  lacksFilesystem,
  lacksLoopDevices,
  makeImage,
  type Rig,
  refuseSpec,
  SHIFTED_IDS,
  startSpec,
  test,
} from '../rig/index.js';

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

async function inside(rig: Rig, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', 'box', '--', 'sh', '-c', line]);
  return stdout + stderr;
}

/** A root whose programs lie in /usr, with links to them. */
function makeMergedRoot(rig: Rig): string {
  const rootfs = rig.makeRoot();
  mkdirSync(join(rootfs, 'usr'));
  renameSync(join(rootfs, 'bin'), join(rootfs, 'usr/bin'));
  renameSync(join(rootfs, 'init'), join(rootfs, 'usr/bin/start'));
  symlinkSync('usr/bin', join(rootfs, 'bin'));
  rmdirSync(join(rootfs, 'sbin'));
  return rootfs;
}

describe.each(IDS)('%s', (_, ids) => {
  test.for(['overlay', 'ephemeral'] as const)(
    'a root of mode %s forgets what is written to it',
    async (rootMode, { rig }) => {
      const rootfs = await startSpec(rig, { rootMode, ...ids });
      const before = readdirSync(rootfs).sort();
      expect(await inside(rig, 'echo x > /new; rm /etc/group; mkdir /etc/made; cat /new; ls /etc')).toBe(
        'x\nmade\npasswd\n',
      );
      expect(await inside(rig, 'stat -c %u /etc/passwd / /new')).toBe('0\n0\n0\n');
      // Of mount points that were missing there is nothing in the tree, either.
      expect(readdirSync(rootfs).sort()).toEqual(before);
      expect(readdirSync(join(rootfs, 'etc')).sort()).toEqual(['group', 'passwd']);
      await rig.ctrOk('destroy', 'box');
      await rig.ctrOk('start', 'box');
      expect(await inside(rig, 'ls /etc; test -e /new || echo gone')).toBe('group\npasswd\ngone\n');
    },
  );

  test('a root of mode state is read-only, and /var is an empty tmpfs', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    mkdirSync(join(rootfs, 'var/lib'));
    await startSpec(rig, { rootfs, rootMode: 'state', ...ids });
    expect(await inside(rig, 'ls -A /var; echo x > /var/new && cat /var/new; touch /new')).toMatch(
      /^x\n.*Read-only file system\n$/,
    );
    expect(readdirSync(join(rootfs, 'var'))).toEqual(['lib']);
  });

  test('a root of mode yes is a tmpfs with the programs of the tree, read-only', async ({ rig }) => {
    const rootfs = makeMergedRoot(rig);
    const init = { path: '/usr/bin/start', args: [], env: [] };
    await startSpec(rig, { rootfs, rootMode: 'yes', init, ...ids });
    expect(await inside(rig, 'ls -A /etc; echo x > /etc/new && cat /etc/new; touch /usr/new; readlink /bin')).toBe(
      'x\nusr/bin\ntouch: /usr/new: Read-only file system\n',
    );
    expect(await inside(rig, 'stat -c %u / /usr /etc /bin/busybox')).toBe('0\n0\n0\n0\n');
    expect(existsSync(join(rootfs, 'etc/new'))).toBe(false);
    await rig.ctrOk('destroy', 'box');
    const unmerged = rig.makeRoot();
    mkdirSync(join(unmerged, 'usr'));
    expect(await refuseSpec(rig, { rootfs: unmerged, rootMode: 'yes', ...ids })).toMatchObject({
      message: 'it is no link into /usr',
    });
  });

  test.for([
    ['writable', false, undefined],
    ['read-only', true, undefined],
    ['an overlay over it', false, 'overlay'],
  ] as const)('a disk image is the root: %s', async ([, readonly, rootMode], { rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const source = await makeImage(rig.makeRoot());
    const root: FilesystemSpec = { type: 'file', source, target: '/', readonly, accessMode: 'mapped' };
    await startSpec(rig, { filesystems: [root], ...ids, ...(rootMode === undefined ? {} : { rootMode }) });
    const text = await inside(rig, 'echo x > /new && cat /new; stat -c %u /etc/passwd');
    if (readonly) expect(text).toMatch(/^0\n.*Read-only file system\n$/);
    else expect(text).toBe('x\n0\n');
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('start', 'box');
    expect(await inside(rig, 'test -e /new && echo kept')).toBe(readonly || rootMode === 'overlay' ? '' : 'kept\n');
  });

  test('an overlay of directories is the root', async ({ rig }) => {
    const lower = rig.makeRoot();
    const upper = join(rig.scratch, 'upper');
    mkdirSync(upper, { mode: 0o755 });
    const root: FilesystemSpec = { type: 'overlay', lowers: [lower], upper, target: '/', readonly: false };
    await startSpec(rig, { filesystems: [root], ...ids });
    expect(await inside(rig, 'stat -c %n /etc/passwd; ls -d /../etc')).toBe('/etc/passwd\n/../etc\n');
    expect(existsSync(join(lower, 'made'))).toBe(false);
  });
});

describe('a root on a disk', () => {
  test('is not shared by two containers, but for reading', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const source = await makeImage(rig.makeRoot());
    const file = (readonly: boolean): FilesystemSpec => ({ type: 'file', source, target: '/disk', readonly });
    await startSpec(rig, { filesystems: [file(true)] });
    await startSpec(rig, { name: 'second', filesystems: [file(true)] });
    expect(await refuseSpec(rig, { filesystems: [file(false)] })).toMatchObject({
      step: `open the disk image '${source}'`,
      message: 'it is in use',
    });
  });

  test('says what is on it that cannot be mounted', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const image = (name: string, text: string | Buffer) => {
      const source = rig.writeFile(name, '');
      const bytes = Buffer.alloc(1024 * 1024);
      bytes.set(Buffer.from(text), name === 'iso' ? 0x8001 : 0);
      rig.writeFile(name, bytes.toString('latin1'));
      return { type: 'file', source, target: '/disk', readonly: true } as const;
    };
    expect(await refuseSpec(rig, { filesystems: [image('empty', '')] })).toMatchObject({
      message: 'no file system known to ctr is on it',
    });
    if (lacksFilesystem('iso9660') !== undefined) {
      expect(await refuseSpec(rig, { filesystems: [image('iso', 'CD001')] })).toMatchObject({
        message: "this kernel has no file system 'iso9660'",
      });
    }
    const directory = { type: 'file', source: rig.scratch, target: '/disk', readonly: true } as const;
    expect(await refuseSpec(rig, { filesystems: [directory] })).toMatchObject({ message: 'it is no regular file' });
    expect(statSync(rig.scratch).isDirectory()).toBe(true);
  });
});
