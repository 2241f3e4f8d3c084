import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FilesystemSpec } from '../../src/config/spec.js';
import {
  describe,
  expect,
  lacksLoopDevices,
  makeImage,
  makeTree,
  type Rig,
  refuseSpec,
  runProgram,
  SHIFTED_IDS,
  startSpec,
  test,
} from '../rig/index.js';

const IDS = [
  ['in the ids of the host', undefined],
  ['in a user namespace', SHIFTED_IDS],
] as const;

/** What a shell line in the container prints, with its errors. */
async function inside(rig: Rig, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', 'box', '--', 'sh', '-c', line]);
  return stdout + stderr;
}

/** Options of the mount at this path inside. */
async function optionsOf(rig: Rig, path: string): Promise<string[]> {
  const line = (await inside(rig, 'cat /proc/1/mountinfo')).split('\n').findLast((text) => text.split(' ')[4] === path);
  return line?.split(' ')[5]?.split(',') ?? [];
}

const start = (rig: Rig, idmap: typeof SHIFTED_IDS | undefined, ...filesystems: FilesystemSpec[]) =>
  startSpec(rig, { filesystems, ...(idmap === undefined ? {} : { idmap }) });

describe.each(IDS)('%s', (_, idmap) => {
  test('S38 a bind takes exactly the flags it names, and what is mounted below when asked: read-only all the way down', async ({
    rig,
  }) => {
    const tree = makeTree(rig, { 'a/file': 'x' });
    chmodSync(tree, 0o755);
    await runProgram(['mount', '-t', 'tmpfs', 'below', join(tree, 'a')]);
    try {
      writeFileSync(join(tree, 'a/below'), 'y');
      await start(
        rig,
        idmap,
        {
          type: 'mount',
          source: tree,
          target: '/flags',
          readonly: false,
          accessMode: 'passthrough',
          flags: ['noexec', 'noatime', 'nosymfollow'],
        },
        { type: 'mount', source: tree, target: '/deep', readonly: true, accessMode: 'passthrough', recursive: true },
      );
      const flags = await optionsOf(rig, '/flags');
      expect(flags).toEqual(expect.arrayContaining(['rw', 'noexec', 'noatime', 'nosymfollow']));
      expect(flags).not.toContain('nosuid');
      expect(await inside(rig, 'ls /flags/a /deep/a')).toBe('/deep/a:\nbelow\n\n/flags/a:\nfile\n');
      expect(await inside(rig, 'touch /deep/a/new')).toMatch(/Read-only file system/);
    } finally {
      await runProgram(['umount', join(tree, 'a')]);
    }
  });

  test('root inside is root on disk, or the owner of the source, and nobody else is anybody', async ({ rig }) => {
    const tree = makeTree(rig, { own: 'x', other: 'y' });
    const asRoot = makeTree(rig, { own: 'x' });
    for (const name of ['.', 'own']) chownSync(join(tree, name), 1234, 4321);
    chmodSync(tree, 0o755);
    const bind = (source: string, target: string, accessMode: 'root' | 'owner'): FilesystemSpec => ({
      type: 'mount',
      source,
      target,
      readonly: false,
      accessMode,
    });
    await start(rig, idmap, bind(tree, '/owner', 'owner'), bind(asRoot, '/root-only', 'root'));
    expect(await inside(rig, 'stat -c %u:%g /owner/own /owner/other /root-only/own')).toBe('0:0\n65534:65534\n0:0\n');
    await inside(rig, 'touch /owner/new /root-only/new');
    expect(statSync(join(tree, 'new'))).toMatchObject({ uid: 1234, gid: 4321 });
    expect(statSync(join(asRoot, 'new'))).toMatchObject({ uid: 0, gid: 0 });
  });

  test('what the host mounts later is seen where the propagation says so, and nothing goes out', async ({ rig }) => {
    const tree = makeTree(rig, { 'a/file': '' });
    chmodSync(tree, 0o755);
    const run = async (...argv: string[]) => expect(await runProgram(argv)).toMatchObject({ status: 0 });
    await run('mount', '--bind', tree, tree);
    try {
      await run('mount', '--make-shared', tree);
      const bind = (target: string, parts: object): FilesystemSpec => ({
        type: 'mount',
        source: tree,
        target,
        readonly: false,
        accessMode: 'passthrough',
        ...parts,
      });
      const shared = bind('/shared', { propagation: 'rshared' });
      await start(rig, idmap, bind('/slave', { propagation: 'slave' }), shared, bind('/private', {}));
      await run('mount', '-t', 'tmpfs', 'later', join(tree, 'a'));
      const later = (await inside(rig, 'grep ^later /proc/mounts')).split('\n').map((line) => line.split(' ')[1]);
      expect(later.sort()).toEqual(['/shared/a', '/slave/a', undefined]);
      await run('umount', join(tree, 'a'));
      await inside(rig, 'mount -t tmpfs inner /shared/a');
      expect(await inside(rig, 'grep -c ^inner /proc/mounts')).toBe('1\n');
      expect(readFileSync('/proc/mounts', 'utf8')).not.toMatch(/^inner/m);
      expect(await inside(rig, "grep ' /shared ' /proc/1/mountinfo")).toMatch(/ shared:\d+/);
    } finally {
      await runProgram(['umount', '-R', tree]);
    }
  });

  test('a tmpfs has the size, mode and owner it names', async ({ rig }) => {
    await start(rig, idmap, {
      type: 'ram',
      target: '/memory',
      readonly: false,
      sizeBytes: 65_536,
      mode: 0o1770,
      data: 'uid=7,gid=8,nr_inodes=100',
    });
    expect(await inside(rig, 'stat -c "%a %u:%g" /memory')).toBe('1770 7:8\n');
    expect(await inside(rig, 'grep " /memory " /proc/mounts')).toMatch(/size=64k,nr_inodes=100/);
  });

  test('a disk image is mounted, and its loop device goes with the container', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const image = await makeImage(makeTree(rig, { hello: 'from the disk\n' }));
    const file: FilesystemSpec = {
      type: 'file',
      source: image,
      target: '/disk',
      readonly: false,
      accessMode: 'mapped',
    };
    await start(rig, idmap, file);
    expect(await inside(rig, 'cat /disk/hello; touch /disk/new && stat -c %u /disk/new')).toBe('from the disk\n0\n');
    expect(await optionsOf(rig, '/disk')).toEqual(expect.arrayContaining(['nosuid', 'nodev']));
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('start', 'box');
    expect(await inside(rig, 'ls /disk')).toContain('new');
  });

  test('what nobody may see is there, and nobody can look into it', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    mkdirSync(join(rootfs, 'secret'));
    writeFileSync(join(rootfs, 'secret/file'), 'x');
    writeFileSync(join(rootfs, 'secret-file'), 'x');
    await runProgram(['mkfifo', join(rootfs, 'pipe')]);
    const hide = (target: string): FilesystemSpec => ({ type: 'inaccessible', target, readonly: false });
    await startSpec(rig, {
      rootfs,
      filesystems: [hide('/secret'), hide('/secret-file'), hide('/pipe'), hide('/proc/version')],
      ...(idmap === undefined ? {} : { idmap }),
    });
    expect(await inside(rig, 'stat -c "%F %a %s" /secret-file /pipe; stat -c "%F %a" /secret')).toBe(
      'regular empty file 0 0\nfifo 0 0\ndirectory 0\n',
    );
    expect(await inside(rig, 'cat /secret-file /proc/version; ls -A /secret')).not.toMatch(/x|Linux/);
    if (idmap !== undefined) expect(await inside(rig, 'umount /secret; ls /secret')).not.toMatch(/^file$/m);
  });

  test('an overlay shows its layers and keeps what is written apart', async ({ rig }) => {
    const low = makeTree(rig, { both: 'low\n', low: 'x' });
    const high = makeTree(rig, { both: 'high\n' });
    const upper = makeTree(rig, {});
    for (const tree of [low, high, upper]) chmodSync(tree, 0o777);
    await start(
      rig,
      idmap,
      { type: 'overlay', target: '/kept', readonly: false, lowers: [low, high], upper },
      { type: 'overlay', target: '/lost', readonly: false, lowers: ['+/etc'] },
      { type: 'overlay', target: '/fixed', readonly: true, lowers: [low], upper: high },
    );
    expect(await inside(rig, 'cat /kept/both /fixed/both; ls /kept')).toBe('high\nhigh\nboth\nlow\n');
    expect(await inside(rig, 'echo new > /kept/new; echo new > /lost/new; cat /kept/new /lost/new')).toBe('new\nnew\n');
    expect(await inside(rig, 'touch /fixed/new')).toMatch(/Read-only file system/);
    expect(await inside(rig, 'cat /lost/passwd; ls /etc')).toMatch(/^root:[\s\S]*passwd\n$/);
    expect(await inside(rig, 'ls /etc')).not.toContain('new');
    expect(readFileSync(join(upper, 'new'), 'utf8')).toBe('new\n');
    expect(() => statSync(join(high, 'new'))).toThrow();
    // Nothing that an overlay is made of lies on top of anything.
    expect((await inside(rig, 'cat /proc/1/mountinfo')).match(/^\S+ \S+ \S+ \S+ \/ /gm)).toHaveLength(1);
  });

  test('an overlay keeps what is written in the root itself', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    mkdirSync(join(rootfs, 'upper'));
    const overlay: FilesystemSpec = {
      type: 'overlay',
      target: '/o',
      readonly: false,
      lowers: ['+/etc'],
      upper: '+/upper',
    };
    if (idmap !== undefined) {
      await expect(startSpec(rig, { rootfs, filesystems: [overlay], idmap })).rejects.toThrow(
        /lies in an id-mapped root/,
      );
      return;
    }
    await startSpec(rig, { rootfs, filesystems: [overlay] });
    expect(await inside(rig, 'echo x > /o/new; cat /o/new /upper/new')).toBe('x\nx\n');
  });

  test('a bind within the container and a message queue are the container’s own', async ({ rig }) => {
    await start(
      rig,
      idmap,
      { type: 'bind', source: '/etc', target: '/also-etc', readonly: true },
      { type: 'special', fstype: 'mqueue', source: 'mqueue', target: '/dev/mqueue', readonly: false },
    );
    expect(await inside(rig, 'touch /also-etc/x')).toMatch(/Read-only/);
    expect(await inside(rig, 'touch /dev/mqueue/q && ls /dev/mqueue')).toBe('q\n');
  });

  test('what may fail is left out, and what may not ends the start', async ({ rig }) => {
    const missing: FilesystemSpec = {
      type: 'mount',
      source: '/does/not/exist',
      target: '/x',
      readonly: false,
      accessMode: 'passthrough',
    };
    const image: FilesystemSpec = { type: 'block', source: '/dev/null', target: '/y', readonly: false };
    await start(rig, idmap, { ...missing, optional: true }, { ...image, optional: true });
    expect(await optionsOf(rig, '/x')).toEqual([]);
    expect(await optionsOf(rig, '/y')).toEqual([]);
    expect(await refuseSpec(rig, { filesystems: [image] })).toMatchObject({
      step: "open the block device '/dev/null'",
      message: 'it is no block device',
    });
  });
});
