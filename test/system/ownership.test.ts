import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  describe,
  domainXml,
  expect,
  IDMAP,
  lacksFilesystem,
  lacksProgram,
  nativeDir,
  type Rig,
  runProgram,
  slow,
  test,
} from '../rig/index.js';

const HELPER = join(nativeDir, 'clone-helper');
const RANGES = ['u:0:500000:65536', 'g:0:500000:65536'];

/** A tree with everything that a chown could lose. */
function makeTree(rig: Rig, name: string): string {
  const tree = join(rig.scratch, name);
  mkdirSync(join(tree, 'a/b'), { recursive: true });
  for (let index = 0; index < 12; index += 1) {
    const file = join(tree, `a/s${index}`);
    writeFileSync(file, String(index));
    chownSync(file, index, index + 1);
    chmodSync(file, index % 3 === 0 ? 0o6755 : 0o640);
    if (index % 3 === 1) spawnSync('sh', ['-c', 'setcap cap_net_raw+ep "$0"', file]);
  }
  setAcls([2, 5, 8, 11].map((index) => join(tree, `a/s${index}`)));
  linkSync(join(tree, 'a/s0'), join(tree, 'a/b/hard'));
  symlinkSync('/etc/passwd', join(tree, 'link'));
  symlinkSync(rig.scratch, join(tree, 'a/out'));
  chownSync(join(tree, 'a/b'), 3_000_000, 3);
  return tree;
}

/** Each names user 7 besides its owner and its group. */
function setAcls(files: readonly string[]): void {
  const entry = (tag: number, permissions: number, id: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(permissions, 2);
    bytes.writeUInt32LE(id, 4);
    return bytes;
  };
  const none = 0xffffffff;
  const entries = [entry(1, 6, none), entry(2, 4, 7), entry(4, 4, none), entry(16, 4, none), entry(32, 0, none)];
  const acl = Buffer.concat([Buffer.from([2, 0, 0, 0]), ...entries]).toString('hex');
  const script = `import os,sys\nfor f in sys.argv[2:]: os.setxattr(f, 'system.posix_acl_access', bytes.fromhex(sys.argv[1]))`;
  spawnSync('python3', ['-c', script, acl, ...files]);
}

/** All paths in it. No link is followed. */
function listTree(tree: string, path: string): string[] {
  if (!lstatSync(join(tree, path)).isDirectory()) return [path];
  return [
    path,
    ...readdirSync(join(tree, path))
      .sort()
      .flatMap((name) => listTree(tree, join(path, name))),
  ];
}

/** Each path with owner, group, mode, number of links, capabilities and ACL. */
function describeTree(tree: string): string[] {
  const paths = listTree(tree, '.');
  const xattrs = listXattrs(tree, paths);
  return paths.map((path, index) => {
    const { uid, gid, mode, nlink } = lstatSync(join(tree, path));
    return `${path} ${uid}:${gid} ${mode.toString(8)} ${nlink} ${xattrs[index]}`;
  });
}

const READ_XATTRS = `
import os, sys
for path in sys.argv[1:]:
    found = []
    for name in ('security.capability', 'system.posix_acl_access'):
        try:
            found.append(os.getxattr(path, name, follow_symlinks=False).hex())
        except OSError:
            pass
    print(*found)
`;

/** Capabilities and ACL of each path, in hexadecimal. */
function listXattrs(tree: string, paths: readonly string[]): string[] {
  const { stdout } = spawnSync('python3', ['-c', READ_XATTRS, ...paths], { encoding: 'utf8', cwd: tree });
  return stdout.split('\n');
}

async function chown(tree: string, journal: string) {
  const { status, stdout } = await runProgram([HELPER, 'chown', tree, journal, ...RANGES]);
  return { status, ...(JSON.parse(stdout) as Record<string, unknown>) };
}

describe('the owners of a tree', () => {
  test('become those of the ids of the host, with modes, capabilities and ACLs; links are not followed', async ({
    rig,
    skip,
  }) => {
    const lack = lacksProgram('python3');
    if (lack !== undefined) skip(lack);
    const tree = makeTree(rig, 'tree');
    const outside = statSync('/etc/passwd').uid;
    expect(await chown(tree, join(rig.scratch, 'journal'))).toMatchObject({ status: 0, ok: true, foreign: 1 });
    const at = (path: string) => lstatSync(join(tree, path));
    expect([at('.').uid, at('link').uid, at('a/out').gid, at('a/s3').uid, at('a/s3').gid]).toEqual([
      500_000, 500_000, 500_000, 500_003, 500_004,
    ]);
    expect([at('a/s3').mode & 0o7777, at('a/s4').mode & 0o7777]).toEqual([0o6755, 0o640]);
    expect([at('a/b').uid, at('a/b').gid]).toEqual([3_000_000, 500_003]);
    expect(at('a/b/hard').uid).toBe(500_000);
    expect([statSync('/etc/passwd').uid, statSync(rig.scratch).uid]).toEqual([outside, 0]);
    if (lacksProgram('getcap') === undefined)
      expect((await runProgram(['getcap', '-n', join(tree, 'a/s4')])).stdout).toContain('[rootid=500000]');
    const before = describeTree(tree);
    expect(await chown(tree, join(rig.scratch, 'journal'))).toMatchObject({ status: 0, changed: 0 });
    expect(describeTree(tree)).toEqual(before);
    expect(existsSync(join(rig.scratch, 'journal'))).toBe(false);
  });

  test('are changed once, also after a kill at any call', { timeout: slow(240_000) }, async ({ rig, skip }) => {
    const lack = lacksProgram('strace') ?? lacksProgram('python3');
    if (lack !== undefined) skip(lack);
    const whole = makeTree(rig, 'whole');
    await chown(whole, join(rig.scratch, 'whole.journal'));
    const expected = describeTree(whole);
    const journal = join(rig.scratch, 'journal');
    for (const call of ['fchownat', 'chmod', 'setxattr', 'pwrite64', 'fdatasync', 'ftruncate', 'unlink']) {
      for (const when of [1, 3]) {
        const tree = makeTree(rig, `${call}-${when}`);
        const argv = ['strace', '-o', '/dev/null', '-e', `inject=${call}:signal=SIGKILL:when=${when}`, HELPER];
        const { status } = await runProgram([...argv, 'chown', tree, journal, ...RANGES]);
        expect({ call, when, killed: status === 137 || (when > 1 && status === 0) }).toEqual({
          call,
          when,
          killed: true,
        });
        expect(await chown(tree, journal)).toMatchObject({ status: 0 });
        expect({ call, when, tree: describeTree(tree) }).toEqual({ call, when, tree: expected });
      }
    }
  });

  test('are not changed across a mount, nor by a map that has an id on both sides', async ({ rig }) => {
    const tree = makeTree(rig, 'tree');
    await runProgram(['mount', '-t', 'tmpfs', 'none', join(tree, 'a/b')]);
    try {
      expect(await chown(tree, join(rig.scratch, 'journal'))).toMatchObject({
        status: 1,
        object: '/a/b',
        message: expect.stringMatching(/is a mount/),
      });
    } finally {
      await runProgram(['umount', join(tree, 'a/b')]);
    }
    const both = await runProgram([HELPER, 'chown', tree, '/x', 'u:0:1000:65536', 'g:0:500000:65536']);
    expect(both.status).toBe(2);
  });
});

test('a file system without id-mapped mounts is named, and --ownership chown is the way out', async ({ rig, skip }) => {
  const lack = lacksFilesystem('ramfs');
  if (lack !== undefined) skip(lack);
  const place = join(rig.scratch, 'ram');
  mkdirSync(place);
  await runProgram(['mount', '-t', 'ramfs', 'none', place]);
  try {
    const rootfs = join(place, 'root');
    cpSync(rig.makeRoot(), rootfs, { recursive: true, verbatimSymlinks: true });
    const text = domainXml({ name: 'vm', rootfs, idmap: IDMAP }).replace(
      "<filesystem type='mount'>",
      "<filesystem type='mount' accessmode='mapped'>",
    );
    const file = rig.writeFile('vm.xml', text);
    await rig.ctrOk('define', file);
    expect(await rig.ctr(['start', 'vm'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /EINVAL \(file system 'ramfs' has no id-mapped mounts\)\nhint: .*--ownership chown/,
      ),
    });
    const uuid = String((await rig.info('vm')).uuid);
    const again = rig.writeFile('again.xml', text.replace('<memory', `<uuid>${uuid}</uuid><memory`));
    await rig.ctrOk('define', '--ownership', 'chown', again);
    expect(statSync(rootfs).uid).toBe(500_000);
    await rig.ctrOk('start', 'vm');
    expect(
      await rig.ctrOk('enter', 'vm', '--', 'sh', '-c', 'id -u; stat -c %u:%g /bin; touch /new; stat -c %u /new'),
    ).toBe('0\n0:0\n0\n');
    expect(await rig.ctr(['define', '--ownership', 'chown', again])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/'vm' is running/),
    });
    await rig.ctrOk('destroy', 'vm');
    // Begun anew, and this time to its end.
    expect((await rig.ctr(['start', 'vm'])).stderr).toMatch(/not all changed: ctr define --ownership chown/);
    await rig.ctrOk('define', '--ownership', 'chown', again);
    // It stays so with every later definition of the same ids, and no other is taken.
    await rig.ctrOk('define', again);
    await rig.ctrOk('start', 'vm');
    await rig.ctrOk('destroy', 'vm');
    const other = rig.writeFile(
      'other.xml',
      text.replaceAll("'500000'", "'700000'").replace('<memory', `<uuid>${uuid}</uuid><memory`),
    );
    expect((await rig.ctr(['define', other])).stderr).toMatch(/belong to other ids/);
  } finally {
    await rig.ctr(['destroy', 'vm']);
    await runProgram(['umount', place]);
  }
});
