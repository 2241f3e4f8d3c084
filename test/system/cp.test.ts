import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, IDMAP, type Rig, runProgram, test } from '../rig/index.js';
import { userTest } from '../rig/user.js';

const MAPPED_ROOT = 500_000;

/** A tree with one of each kind. */
function makeTree(rig: Rig): string {
  const tree = join(rig.scratch, 'tree');
  mkdirSync(join(tree, 'dir/deep'), { recursive: true });
  writeFileSync(join(tree, 'file'), 'content\n');
  writeFileSync(join(tree, 'dir/owned'), Buffer.alloc(300_000, 7));
  writeFileSync(join(tree, 'dir/deep/new\nline ü'), '');
  symlinkSync('file', join(tree, 'link'));
  symlinkSync('/etc/passwd', join(tree, 'absolute'));
  execFileSync('mkfifo', [join(tree, 'fifo')]);
  writeFileSync(join(tree, 'sparse'), 'begin');
  truncateSync(join(tree, 'sparse'), 64 * 1024 * 1024);
  chmodSync(join(tree, 'dir'), 0o750);
  chmodSync(join(tree, 'file'), 0o4711);
  chownSync(join(tree, 'dir/owned'), 1000, 100);
  utimesSync(join(tree, 'dir/owned'), 1e9, 1e9);
  return tree;
}

/** What a tree says of itself, as lines; owners by `shift` less than on disk. */
function describeTree(root: string, { owners = false, shift = 0 } = {}): string[] {
  return (readdirSync(root, { recursive: true }) as string[]).sort().map((name) => {
    const st = lstatSync(join(root, name));
    const kind = st.isSymbolicLink()
      ? `-> ${readlinkSync(join(root, name))}`
      : st.isFile()
        ? `${st.size}`
        : st.isFIFO()
          ? 'fifo'
          : 'dir';
    const mode = st.isSymbolicLink() ? '' : (st.mode & (owners ? 0o7777 : 0o777)).toString(8);
    const own = owners ? `${st.uid - shift}:${st.gid - shift}${st.isFile() ? ` ${Math.trunc(st.mtimeMs)}` : ''}` : '';
    return `${JSON.stringify(name)} ${kind} ${mode} ${own}`;
  });
}

describe.for(['running', 'stopped'])('ctr cp of a %s container', (state) => {
  test('copies a tree in and out again, as it was', async ({ rig }) => {
    await rig.bootstrap('web');
    if (state === 'running') await rig.ctrOk('start', 'web');
    const tree = makeTree(rig);
    expect(await rig.ctr(['cp', tree, 'web:/root'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const out = join(rig.scratch, 'out');
    expect(await rig.ctr(['cp', 'web:/root/tree', out])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(describeTree(out)).toEqual(describeTree(tree));
    expect(readFileSync(join(out, 'dir/owned')).equals(readFileSync(join(tree, 'dir/owned')))).toBe(true);
    expect(statSync(join(out, 'sparse')).blocks).toBeLessThan(1000);
    expect(statSync(join(out, 'dir/owned'))).toMatchObject({ uid: 0, gid: 0 });
    expect(lstatSync(join(out, 'file')).mode & 0o7000).toBe(0);
  });

  test('keeps owners, times and modes with -a, by the numbers inside', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    execFileSync('chown', ['-R', `${MAPPED_ROOT}:${MAPPED_ROOT}`, rootfs]);
    await rig.define(domainXml({ name: 'vm', rootfs, idmap: IDMAP }));
    if (state === 'running') await rig.ctrOk('start', 'vm');
    const tree = makeTree(rig);
    expect(await rig.ctr(['cp', '-a', tree, 'vm:/tmp/kept'])).toMatchObject({ status: 0, stderr: '' });
    expect(describeTree(join(rootfs, 'tmp/kept'), { owners: true, shift: MAPPED_ROOT })).toEqual(
      describeTree(tree, { owners: true }),
    );
    const out = join(rig.scratch, 'out');
    mkdirSync(out);
    expect(await rig.ctr(['cp', '--archive', 'vm:/tmp/kept/.', out])).toMatchObject({ status: 0, stderr: '' });
    expect(describeTree(out, { owners: true })).toEqual(describeTree(tree, { owners: true }));
    await rig.ctrOk('cp', tree, 'vm:/tmp/plain');
    expect(statSync(join(rootfs, 'tmp/plain/dir/owned'))).toMatchObject({ uid: MAPPED_ROOT, gid: MAPPED_ROOT });
  });

  test('puts a file where it is told, whole or not at all', async ({ rig }) => {
    await rig.bootstrap('web');
    const rootfs = String((await rig.info('web')).rootfs);
    if (state === 'running') await rig.ctrOk('start', 'web');
    const file = rig.writeFile('a.conf', 'new\n');
    writeFileSync(join(rootfs, 'etc/old.conf'), 'old, and longer\n', { mode: 0o600 });
    await rig.ctrOk('cp', file, 'web:/etc');
    await rig.ctrOk('cp', file, 'web:/etc/b.conf');
    await rig.ctrOk('cp', file, 'web:/etc/old.conf');
    await rig.ctrOk('cp', file, 'web:relative');
    for (const name of ['etc/a.conf', 'etc/b.conf', 'etc/old.conf', 'relative'])
      expect({ name, text: readFileSync(join(rootfs, name), 'utf8') }).toEqual({ name, text: 'new\n' });
    expect(readdirSync(join(rootfs, 'etc')).filter((name) => name.startsWith('.ctr'))).toEqual([]);
  });
});

describe('ctr cp', () => {
  test('reads files that have no size, and writes to one that is a mount', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const out = join(rig.scratch, 'version');
    await rig.ctrOk('cp', 'web:/proc/version', out);
    expect(readFileSync(out, 'utf8')).toBe(readFileSync('/proc/version', 'utf8'));
    const script = 'echo under > /etc/under; echo over > /tmp/over; mount --bind /tmp/over /etc/under';
    await rig.ctrOk('enter', 'web', '--', 'sh', '-c', script);
    await rig.ctrOk('cp', rig.writeFile('in', 'written\n'), 'web:/etc/under');
    expect(await rig.ctrOk('enter', 'web', '--', 'cat', '/tmp/over')).toBe('written\n');
    const all = await rig.ctr(['cp', 'web:/', join(rig.scratch, 'all')]);
    expect(all).toMatchObject({ status: 0, stderr: expect.stringContaining("'web:/proc' is a mount of its own") });
    expect(readdirSync(join(rig.scratch, 'all/proc'))).toEqual([]);
  });

  test('keeps the names of a file together, in a tree that is new and in one that is there', async ({ rig }) => {
    await rig.bootstrap('web');
    const tree = join(rig.scratch, 'tree');
    mkdirSync(join(tree, 'a/b'), { recursive: true });
    writeFileSync(join(tree, 'one'), 'same\n');
    for (const name of ['two', 'a/three', 'a/b/four']) linkSync(join(tree, 'one'), join(tree, name));
    writeFileSync(join(tree, 'other'), 'other\n');
    const out = join(rig.scratch, 'out');
    // Twice: the second finds the names, and files of others in their place.
    for (let round = 0; round < 2; round += 1) {
      await rig.ctrOk('cp', `${tree}/.`, 'web:/srv');
      await rig.ctrOk('cp', 'web:/srv/.', out);
      const inode = (name: string) => statSync(join(out, name)).ino;
      expect(['two', 'a/three', 'a/b/four'].map(inode)).toEqual(Array(3).fill(inode('one')));
      expect(statSync(join(out, 'one')).nlink).toBe(4);
      expect(inode('other')).not.toBe(inode('one'));
      expect(readFileSync(join(out, 'a/b/four'), 'utf8')).toBe('same\n');
      expect(readdirSync(out).sort()).toEqual(['a', 'one', 'other', 'two']);
      rmSync(join(out, 'a/three'));
      writeFileSync(join(out, 'a/three'), 'of somebody else\n');
    }
  });

  test('copies the names of a file one by one where they cannot be links', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'mkdir -p /srv/far && mount -t tmpfs x /srv/far');
    const tree = join(rig.scratch, 'tree');
    mkdirSync(join(tree, 'far'), { recursive: true });
    writeFileSync(join(tree, 'far/two'), 'same\n');
    linkSync(join(tree, 'far/two'), join(tree, 'one'));
    expect(await rig.ctr(['cp', `${tree}/.`, 'web:/srv'])).toMatchObject({ status: 0, stderr: '' });
    expect(await rig.ctrOk('enter', 'web', '--', 'cat', '/srv/one', '/srv/far/two')).toBe('same\nsame\n');
  });

  test('says what it could not copy, copies the rest, and fails', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    await rig.ctrOk(
      'enter',
      'web',
      '--',
      'sh',
      '-c',
      'mkdir /mix; echo a > /mix/a; mknod /mix/n c 1 3 || cp -a /dev/null /mix/n; nc -lU /mix/s & mkfifo /mix/f; true',
    );
    const rootfs = String((await rig.info('web')).rootfs);
    execFileSync('mknod', [join(rootfs, 'mix/device'), 'c', '1', '3']);
    const { status, stderr } = await rig.ctr(['cp', 'web:/mix', rig.scratch]);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("cannot copy 'web:/mix/device': it is a device"),
    });
    expect(readFileSync(join(rig.scratch, 'mix/a'), 'utf8')).toBe('a\n');
    expect(existsSync(join(rig.scratch, 'mix/device'))).toBe(false);
  });

  test('refuses what makes no sense', async ({ rig }) => {
    await rig.bootstrap('web');
    const cases: [readonly string[], number, string | RegExp][] = [
      [['a', 'b'], 2, 'one of SRC and DST'],
      [['web:/a', 'web:/b'], 2, 'one of SRC and DST'],
      [['web:/etc'], 2, 'missing required argument'],
      [['web:/nosuch', '.'], 1, "cannot copy 'web:/nosuch': open: ENOENT"],
      [['/no/such', 'web:/'], 1, "cannot copy '/no/such': open: ENOENT"],
      [['/etc/passwd', 'web:/no/such/file'], 1, "cannot copy 'web:/no/such': open: ENOENT"],
      [['/etc/passwd', 'web:/new/'], 1, "cannot copy 'web:/new': open: ENOENT"],
      [['/etc/passwd', 'nosuch:/'], 1, /cannot copy 'nosuch': no container of that name/],
      [['/etc', 'web:/etc/passwd'], 1, /cannot copy 'web:\/etc\/passwd': there is something else than a directory/],
    ];
    for (const [args, status, message] of cases) {
      const result = await rig.ctr(['cp', ...args]);
      expect({ args, status: result.status, stderr: result.stderr }).toEqual({
        args,
        status,
        stderr: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
      });
    }
  });

  test('leaves nothing half done when it is killed', async ({ rig }) => {
    await rig.bootstrap('web');
    const rootfs = String((await rig.info('web')).rootfs);
    const big = join(rig.scratch, 'big');
    await runProgram(['sh', '-c', `head -c 400000000 /dev/zero > ${big}`]);
    const { child, result } = rig.startCtr(['cp', big, 'web:/root/big']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill('SIGKILL');
    await result;
    await expect
      .poll(() => readdirSync(join(rootfs, 'root')).filter((name) => name !== 'big' && name.startsWith('.ctr')))
      .toEqual([]);
    expect(existsSync(join(rootfs, 'root/big')) ? statSync(join(rootfs, 'root/big')).size : 400_000_000).toBe(
      400_000_000,
    );
  });
});

describe('an ordinary user', () => {
  userTest.for(['running', 'stopped'])(
    'copies in and out of a container of his own [%s]',
    async (state, { user, rig }) => {
      await user.bootstrap('web');
      if (state === 'running') await user.ctrOk('start', 'web');
      const { stdout: dir } = await user.run(['mktemp', '-d', '/tmp/ctr-cp-XXXXXX']);
      const own = dir.trim();
      await user.run(['sh', '-c', `echo his > ${own}/file; mkdir ${own}/d; ln -s file ${own}/d/link`]);
      expect(await user.ctr('cp', own, 'web:/root/in')).toMatchObject({ status: 0, stderr: '' });
      expect(await user.ctr('cp', 'web:/root/in', `${own}/out`)).toMatchObject({ status: 0, stderr: '' });
      expect((await user.run(['cat', `${own}/out/file`, `${own}/out/d/link`])).stdout).toBe('his\n');
      expect(statSync(`${own}/out/file`).uid).toBe(statSync(own).uid);
      expect(await user.ctr('cp', '/etc/shadow', 'web:/root')).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('EACCES'),
      });
      await runProgram(['rm', '-rf', '--one-file-system', own]);
      expect(rig.stateDir).not.toBe('');
    },
  );
});
