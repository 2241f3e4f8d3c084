/** Hostile roots, sources and images, under every kind of mount. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, FilesystemSpec } from '../../src/config/spec.js';
import {
  describe,
  expect,
  lacksLoopDevices,
  makeImage,
  makeTree,
  refuseSpec,
  runProgram,
  SHIFTED_IDS,
  slow,
  startSpec,
  test,
} from '../rig/index.js';
import { inside } from './box.js';

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

/** What the host has mounted where. */
const hostMounts = () => readFileSync('/proc/self/mountinfo', 'utf8').replace(/^\d+ \d+ /gm, '');

describe.each(IDS)('%s', (_, ids) => {
  test('S21 a link in the root on the way to a mount point of any kind resolves inside', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const rootfs = rig.makeRoot();
    symlinkSync('/', join(rootfs, 'mnt'));
    symlinkSync('../../../../../../etc', join(rootfs, 'out'));
    mkdirSync(join(rootfs, 'etc/hidden'));
    const before = hostMounts();
    const etc = readdirSync('/etc').sort();
    const tree = makeTree(rig, { x: 'x' });
    const at = (name: string) => ({ target: `/mnt/etc/${name}`, readonly: false });
    const filesystems: FilesystemSpec[] = [
      { type: 'file', source: await makeImage(tree), ...at('ctr-image') },
      { type: 'overlay', lowers: [tree], ...at('ctr-overlay') },
      { type: 'ram', ...at('ctr-ram') },
      { type: 'special', fstype: 'mqueue', source: 'mqueue', ...at('ctr-special') },
      { type: 'inaccessible', target: '/out/hidden', readonly: false },
    ];
    await startSpec(rig, { rootfs, filesystems, ...ids });
    expect(hostMounts()).toBe(before);
    expect(readdirSync('/etc').sort()).toEqual(etc);
    expect((await inside(rig, 'box', 'ls -d /etc/ctr-*; stat -c %a /etc/hidden')).text).toBe(
      '/etc/ctr-image\n/etc/ctr-overlay\n/etc/ctr-ram\n/etc/ctr-special\n0\n',
    );
  });

  test('S22 a node where the root has /dev replaces nothing that a link there points to', async ({ rig }) => {
    const victim = join(rig.scratch, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'node'), 'precious');
    const rootfs = rig.makeRoot();
    symlinkSync(join(victim, 'node'), join(rootfs, 'dev/node'));
    symlinkSync(victim, join(rootfs, 'dev/sub'));
    const nodes = ['/dev/node', '/dev/sub/made'].map((path) => ({
      path,
      kind: 'char' as const,
      source: '/dev/zero',
      access: 'rwm',
    }));
    for (const node of nodes) {
      const parts = { rootfs, kernelMounts: { dev: 'none' }, devices: { nodes: [node] }, ...ids } as const;
      expect(await refuseSpec(rig, parts)).toMatchObject({ errnoName: 'ENOENT' });
    }
    expect(readdirSync(victim)).toEqual(['node']);
    expect(readFileSync(join(victim, 'node'), 'utf8')).toBe('precious');
  });

  test('S07 S22 a link where /proc, /sys or /dev is to be mounted is refused by the helper itself', async ({ rig }) => {
    for (const name of ['proc', 'sys', 'dev']) {
      const rootfs = rig.makeRoot();
      rmSync(join(rootfs, name), { recursive: true });
      // To a directory that is there, in the root.
      symlinkSync('tmp', join(rootfs, name));
      const root: FilesystemSpec = {
        type: 'mount',
        source: rootfs,
        target: '/',
        readonly: false,
        accessMode: 'mapped',
      };
      expect({ name, ...(await refuseSpec(rig, { filesystems: [root], ...ids })) }).toMatchObject({
        name,
        step: `use '/${name}' of the root as a mount point`,
        message: 'it is, or lies below, a symbolic link',
      });
      expect(readdirSync(join(rootfs, 'tmp'))).toEqual([]);
    }
  });

  test(
    'S27 files of the host are not written through a link, a pipe or a directory',
    async ({ rig }) => {
      const victim = join(rig.scratch, 'victim');
      mkdirSync(victim);
      writeFileSync(join(victim, 'file'), 'precious');
      const hostFiles = { resolvConf: 'replace-host', timezone: 'copy' } as const;
      for (const name of ['resolv.conf', 'localtime', '.ctr-new']) {
        const tricks: [string, (path: string) => unknown][] = [
          ['link', (path) => symlinkSync(join(victim, 'file'), path)],
          ['link upwards', (path) => symlinkSync(`../../../../../..${victim}/file`, path)],
          ['link to nothing', (path) => symlinkSync(join(victim, 'new'), path)],
          ['link to a magic link', (path) => symlinkSync('/proc/self/root', path)],
          ['pipe', (path) => runProgram(['mkfifo', path])],
          ['directory', (path) => mkdirSync(path)],
        ];
        for (const [what, make] of tricks) {
          const rootfs = rig.makeRoot();
          await make(join(rootfs, 'etc', name));
          await startSpec(rig, { rootfs, hostFiles, ...ids });
          expect({ name, what, victim: readdirSync(victim) }).toEqual({ name, what, victim: ['file'] });
          expect(readFileSync(join(victim, 'file'), 'utf8')).toBe('precious');
          await rig.ctrOk('destroy', 'box');
          await rig.ctrOk('undefine', 'box');
        }
      }
      const rootfs = rig.makeRoot();
      rmSync(join(rootfs, 'etc'), { recursive: true });
      symlinkSync(victim, join(rootfs, 'etc'));
      await startSpec(rig, { rootfs, hostFiles: { resolvConf: 'delete', timezone: 'delete' }, ...ids });
      expect(readdirSync(victim)).toEqual(['file']);
    },
    slow(240_000),
  );

  test('S32 the name of a directory never becomes an option of an overlay', async ({ rig }) => {
    const upper = makeTree(rig, {});
    for (const name of [`a,upperdir=${upper}`, 'b:c', 'back\\slash', 'd,e=f']) {
      const lower = join(rig.scratch, name);
      mkdirSync(lower, { recursive: true });
      writeFileSync(join(lower, 'file'), name);
      chmodSync(lower, 0o777);
      const overlay: FilesystemSpec = { type: 'overlay', lowers: [lower], target: '/o', readonly: false };
      await startSpec(rig, { filesystems: [overlay], ...ids });
      expect((await inside(rig, 'box', 'cat /o/file; touch /o/new')).text).toBe(name);
      expect(readdirSync(lower)).toEqual(['file']);
      expect(readdirSync(upper)).toEqual([]);
      await rig.ctrOk('destroy', 'box');
      await rig.ctrOk('undefine', 'box');
    }
  });

  test('S35 an image gives nobody a device or another user’s rights', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const tree = makeTree(rig, {});
    await runProgram(['mknod', '-m', '666', join(tree, 'disk'), 'b', '7', '0']);
    await runProgram(['mknod', '-m', '666', join(tree, 'null'), 'c', '1', '3']);
    const image: FilesystemSpec = { type: 'file', source: await makeImage(tree), target: '/disk', readonly: false };
    await startSpec(rig, { filesystems: [image], ...ids });
    const { text } = await inside(rig, 'box', 'head -c 1 /disk/disk; head -c 1 /disk/null; grep /disk /proc/mounts');
    expect(text.match(/denied|not permitted/g)).toHaveLength(2);
    expect(text).toMatch(/nosuid,nodev/);
  });
});

describe('a source', () => {
  const another = { uid: 61_234, gid: 61_234 } as const;

  test('S34 behind a symbolic link of somebody who does not own it is refused, as root and as a bind', async ({
    rig,
  }) => {
    const theirs = join(rig.scratch, 'theirs');
    mkdirSync(theirs, { mode: 0o755 });
    const own = makeTree(rig, { word: 'of root\n' });
    const rootfs = rig.makeRoot();
    symlinkSync(own, join(theirs, 'data'));
    symlinkSync('/', join(theirs, 'up'));
    symlinkSync(rootfs, join(theirs, 'root'));
    for (const name of ['data', 'up', 'root']) lchownSync(join(theirs, name), another.uid, another.gid);
    chownSync(theirs, another.uid, another.gid);
    const bind = (source: string): Partial<ContainerSpec> => ({
      filesystems: [{ type: 'mount', source, target: '/data', readonly: true, accessMode: 'passthrough' }],
    });
    for (const source of [join(theirs, 'data'), join(theirs, `up${own}`), join(theirs, 'up/etc')]) {
      expect({ source, ...(await refuseSpec(rig, bind(source))) }).toMatchObject({
        source,
        message: expect.stringMatching(/belongs to somebody who does not own it/),
      });
    }
    expect(await refuseSpec(rig, { rootfs: join(theirs, `up${rootfs}`) })).toMatchObject({
      message: expect.stringMatching(/belongs to somebody who does not own it/),
    });
    // What is theirs they may name as they like, and so may root.
    chownSync(own, another.uid, another.gid);
    symlinkSync(theirs, join(rig.scratch, 'link-of-root'));
    await startSpec(rig, { rootfs, ...bind(join(rig.scratch, 'link-of-root/data')) });
    expect((await inside(rig, 'box', 'cat /data/word')).text).toBe('of root\n');
  });

  test('S25 S34 that is a link in the place of a root or its image, or a magic link, is refused', async ({ rig }) => {
    symlinkSync(rig.makeRoot(), join(rig.scratch, 'link'));
    for (const source of [join(rig.scratch, 'link'), join(rig.scratch, 'link/')]) {
      const tree: FilesystemSpec = { type: 'mount', source, target: '/', readonly: false, accessMode: 'passthrough' };
      expect(await refuseSpec(rig, { filesystems: [tree] })).toMatchObject({ message: 'it is a symbolic link' });
    }
    const image = rig.writeFile('image', 'x');
    renameSync(image, `${image}.old`);
    symlinkSync(`${image}.old`, image);
    const root: FilesystemSpec = { type: 'file', source: image, target: '/', readonly: false };
    expect(await refuseSpec(rig, { filesystems: [root] })).toMatchObject({ message: 'it is a symbolic link' });
    const magic = '/proc/self/cwd';
    for (const filesystem of [
      { type: 'file', source: magic, target: '/x', readonly: true },
      { type: 'block', source: magic, target: '/x', readonly: true },
      { type: 'overlay', lowers: [magic], target: '/x', readonly: false },
    ] as const) {
      expect(await refuseSpec(rig, { filesystems: [filesystem] })).toMatchObject({ errnoName: 'ELOOP' });
    }
    expect(readlinkSync(image)).toBe(`${image}.old`);
  });
});

describe('a loop device', () => {
  test.for(['image', 'disk'] as const)(
    'goes when everything of its container is killed [%s]',
    async (kind, { rig, skip }) => {
      const lack = lacksLoopDevices();
      if (lack !== undefined) skip(lack);
      const source = await makeImage(makeTree(rig, { x: 'x' }));
      await startSpec(rig, {
        filesystems: kind === 'image' ? [{ type: 'file', source, target: '/disk', readonly: false }] : [],
        devices: {
          nodes: kind === 'disk' ? [{ path: '/dev/sda', kind: 'block', source, loop: true, access: 'rwm' }] : [],
        },
      });
      const backing = () =>
        readdirSync('/sys/block').flatMap((name) => {
          const file = `/sys/block/${name}/loop/backing_file`;
          return existsSync(file) ? [readFileSync(file, 'utf8').trimEnd()] : [];
        });
      expect(backing()).toContain(source);
      const { monitorPid } = await rig.info('box');
      process.kill(Number(monitorPid), 'SIGKILL');
      await expect.poll(backing, { timeout: slow(5000) }).not.toContain(source);
      await rig.ctr(['gc']);
    },
  );

  test('comes back with a restart from inside', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const rootfs = rig.makeRoot('if [ -e /disk/again ]; then exec sleep 3600; fi; touch /disk/again; reboot -f\n');
    const source = await makeImage(makeTree(rig, { x: 'x' }));
    const nodes = [{ path: '/dev/sda', kind: 'block', source: `${source}.2`, loop: true, access: 'rwm' }] as const;
    writeFileSync(`${source}.2`, Buffer.alloc(1024 * 1024));
    const file: FilesystemSpec = { type: 'file', source, target: '/disk', readonly: false };
    await startSpec(rig, { rootfs, filesystems: [file], devices: { nodes } });
    await expect
      .poll(async () => (await inside(rig, 'box', 'cat /proc/1/comm; head -c 1 /dev/sda | wc -c')).text, {
        timeout: slow(10_000),
      })
      .toBe('sleep\n1\n');
  });
});
