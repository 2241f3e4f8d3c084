/** Tar archives that `cp` unpacks: what is in them is nobody's word for where it goes, what it is, or how much of it there is. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ctrProgram, describe, expect, lacksProgram, type Rig, runProgram, test } from '../rig/index.js';
import { startWeb } from './box.js';
import { END, longName, member, pax } from './tar-members.js';

const EVIL = 'evil\n';
const MEBIBYTE = 1024 * 1024;

/** A container, running or not, with a file beside the place that is unpacked to, and one on the host. */
async function makePlaces(rig: Rig, state: string) {
  const root = await startWeb(rig);
  if (state === 'stopped') await rig.ctrOk('destroy', 'web');
  const host = join(rig.scratch, 'host');
  mkdirSync(host);
  writeFileSync(join(host, 'file'), 'of the host\n');
  writeFileSync(join(root, 'other'), 'of the container\n');
  const srv = join(root, 'srv');
  const unpack = async (parts: readonly Buffer[], ...options: string[]) => {
    rmSync(srv, { recursive: true, force: true });
    mkdirSync(srv);
    return rig.ctr(['cp', ...options, '-', 'web:/srv'], { input: Buffer.concat([...parts, END]) });
  };
  const look = () => ({
    host: readdirSync(host),
    file: readFileSync(join(host, 'file'), 'utf8'),
    root: readdirSync(root),
    other: readFileSync(join(root, 'other'), 'utf8'),
    names: statSync(join(host, 'file')).nlink + statSync(join(root, 'other')).nlink,
  });
  mkdirSync(srv, { recursive: true });
  return { root, host, srv, unpack, look };
}

describe.each(['running', 'stopped'])('an archive, into a container that is %s', (state) => {
  test('S90 puts nothing outside of the place by a name', async ({ rig }) => {
    const { host, srv, unpack, look } = await makePlaces(rig, state);
    const before = look();
    const up = '../'.repeat(20);
    const left: [string, Buffer[]][] = [
      ['upwards', [member('../other', EVIL)]],
      ['upwards from below', [member('a/../../other', EVIL)]],
      ['upwards by its prefix', [member('other', EVIL, { prefix: '..' })]],
      ['upwards in a record', [pax('x', { path: `${up.slice(1)}${host}/file` }), member('ok', EVIL)]],
      ['upwards in a long name', [longName('L', `${up}${host}/file`), member('ok', EVIL)]],
      ['a directory upwards', [member('../new/', '', { type: '5' })]],
      ['a link upwards', [member('../new', '', { type: '2', link: '/' })]],
      ['a pipe upwards', [member('../new', '', { type: '6' })]],
      ['a name with an end in it', [pax('x', { path: 'ok\0/../../other' }), member('ok', EVIL)]],
      ['too long', [pax('x', { path: 'n/'.repeat(3000) }), member('ok', EVIL)]],
      ['a component too long', [pax('x', { path: 'n'.repeat(300) }), member('ok', EVIL)]],
      ['too deep', [pax('x', { path: `${'a/'.repeat(401)}x` }), member('ok', EVIL)]],
    ];
    for (const [what, parts] of left) {
      const { status, stderr } = await unpack([...parts, member('next', 'next\n')]);
      expect({ what, ...look() }).toEqual({ what, ...before });
      // It is left out, that is said, and the next one is there.
      expect({ what, status, stderr, names: readdirSync(srv) }).toEqual({
        what,
        status: 1,
        stderr: expect.stringContaining('ctr: '),
        names: ['next'],
      });
    }
    // A '/' in front is of the place; what is said of all members says no name.
    expect((await unpack([member(join(host, 'file'), EVIL)])).status).toBe(0);
    expect(readFileSync(join(srv, host, 'file'), 'utf8')).toBe(EVIL);
    expect((await unpack([pax('g', { path: '../other' }), member('ok', EVIL)])).status).toBe(0);
    expect(readdirSync(srv)).toEqual(['ok']);
    for (const name of ['', '.', './', '/', '//.//']) await unpack([member(name, EVIL)]);
    expect(look()).toEqual(before);
  });

  test('S91 follows no link of its own, nor one that lies there', async ({ rig }) => {
    const { host, srv, root, unpack, look } = await makePlaces(rig, state);
    const before = look();
    const link = (name: string, to: string) => member(name, '', { type: '2', link: to });
    const same = (name: string, of: string) => member(name, '', { type: '1', link: of });
    const proc = `/proc/self/root${host}`;
    for (const to of [host, '..', '../..', '.', '/', proc, '/proc/self/cwd']) {
      const archives: [string, Buffer[]][] = [
        ['through it', [link('l', to), member('l/file', EVIL), member('l/other', EVIL)]],
        ['through two', [link('m', 'l'), link('l', to), member('m/file', EVIL), member('m/other', EVIL)]],
        ['a directory of its name', [link('l', to), member('l/', '', { type: '5' }), member('l/file', EVIL)]],
        ['another name through it', [link('l', to), same('n', 'l/file'), member('n', EVIL)]],
        ['its long name', [longName('K', to), link('l', ''), member('l/other', EVIL)]],
      ];
      for (const [what, parts] of archives) {
        const { status } = await unpack(parts);
        expect({ what, to, status, ...look() }).toEqual({ what, to, status: 1, ...before });
      }
    }
    const others = ['../other', '/other', `${host}/file`, `../../../../../../..${host}/file`, proc];
    for (const of of others) {
      for (const parts of [
        [same('n', of), member('n', EVIL)],
        [pax('x', { linkpath: of }), same('n', 'ok'), member('n', EVIL)],
      ]) {
        await unpack(parts);
        expect({ of, ...look() }).toEqual({ of, ...before });
        expect(statSync(join(srv, 'n')).nlink).toBe(1);
      }
    }
    // A file takes the place of a link, and of another name: what these lead to stays as it is.
    await unpack([link('l', join(host, 'file')), member('l', EVIL)]);
    expect(lstatSync(join(srv, 'l')).isFile()).toBe(true);
    await unpack([member('one', 'first\n'), same('two', 'one'), member('two', EVIL)]);
    expect(readFileSync(join(srv, 'one'), 'utf8')).toBe('first\n');
    expect(look()).toEqual(before);
    expect(readFileSync(join(root, 'other'), 'utf8')).toBe('of the container\n');
  });

  test('S92 makes no device, and gives nobody rights', async ({ rig }) => {
    const { srv, unpack } = await makePlaces(rig, state);
    const parts = [
      member('block', '', { type: '4', major: '0000010', minor: '0000000' }),
      member('null', '', { type: '3', major: '0000001', minor: '0000003' }),
      member('root', EVIL, { mode: '0006755' }),
      member('pipe', '', { type: '6', mode: '0006666' }),
    ];
    for (const options of [[], ['-a']]) {
      const { status, stderr } = await unpack(parts, ...options);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/device.*left out/) });
      expect(readdirSync(srv).toSorted()).toEqual(['pipe', 'root']);
      const { mode, uid, gid } = statSync(join(srv, 'root'));
      // Root inside is nobody outside; without -a not even that.
      expect(mode & 0o7000).toBe(options.length === 0 ? 0 : 0o6000);
      const web = statSync(join(srv, '..'));
      expect({ uid, gid }).toEqual({ uid: web.uid, gid: web.gid });
      expect(statSync(join(srv, 'pipe')).mode & 0o7000).toBe(0);
    }
  });

  test('S92 takes no attribute that the kernel, or a file system, gives rights by', async ({ rig, skip }) => {
    const lack = lacksProgram('python3');
    if (lack !== undefined) skip(lack);
    const { srv, unpack } = await makePlaces(rig, state);
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1');
    const records = {
      'SCHILY.xattr.security.capability': capability,
      'SCHILY.xattr.trusted.overlay.opaque': 'y',
      'SCHILY.xattr.system.posix_acl_access': 'x',
      'SCHILY.xattr.user.note': 'plain',
    };
    const list = ['-c', 'import os, sys; print(os.listxattr(sys.argv[1]))', join(srv, 'caps')];
    for (const options of [[], ['-a']]) {
      expect((await unpack([pax('x', records), member('caps', EVIL)], ...options)).status).toBe(0);
      const names = execFileSync('python3', list, { encoding: 'utf8' });
      expect(names).toBe(options.length === 0 ? '[]\n' : "['user.note']\n");
    }
  });
});

describe('S93 an archive', () => {
  const files = (dir: string) =>
    readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());

  test('that says more than it has leaves nothing of it', async ({ rig }) => {
    const { srv, unpack } = await makePlaces(rig, 'running');
    const most = Buffer.alloc(12, 0xff);
    const archives: [string, Buffer[]][] = [
      ['8 GiB', [member('big', EVIL, { size: '77777777777 ' })]],
      ['2^62 in base 256', [member('big', EVIL, { size: Buffer.from('800000004000000000000001', 'hex') })]],
      ['less than nothing', [member('big', EVIL, { size: most })]],
      ['2^64 - 1 in a record', [pax('x', { size: '18446744073709551615' }), member('big', EVIL)]],
      ['more than 2^64 in a record', [pax('x', { size: '99999999999999999999999' }), member('big', EVIL)]],
      ['a header of 2 MiB', [pax('x', { comment: 'c'.repeat(2 * MEBIBYTE) }), member('big', EVIL)]],
      ['a name of 2 MiB', [longName('L', 'n'.repeat(2 * MEBIBYTE)), member('big', EVIL)]],
      ['words for all, of 2 MiB', [pax('g', { comment: 'c'.repeat(2 * MEBIBYTE) }), member('big', EVIL)]],
      ['holes', [member('big', EVIL, { type: 'S' })]],
      ['holes in a record', [pax('x', { 'GNU.sparse.realsize': '99999999999999' }), member('big', EVIL)]],
    ];
    for (const [what, parts] of archives) {
      const { status, stderr, timedOut } = await unpack([member('first', 'first\n'), ...parts]);
      expect({ what, status, stderr, timedOut }).toEqual({
        what,
        status: 1,
        stderr: expect.stringMatching(/cannot read the archive|sparse/),
        timedOut: false,
      });
      expect({ what, names: files(srv).map(({ name }) => name) }).toEqual({ what, names: ['first'] });
    }
  });

  test('that is compressed is not unpacked: nothing grows', async ({ rig }) => {
    const { srv } = await makePlaces(rig, 'running');
    const input = gzipSync(Buffer.concat([member('zeros', '\0'.repeat(16 * MEBIBYTE)), END]));
    const { status, stderr } = await rig.ctr(['cp', '-', 'web:/srv'], { input });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('it is compressed') });
    expect(readdirSync(srv)).toEqual([]);
  });

  test('takes a bounded amount of memory, however large and of however many', async ({ rig }) => {
    const { srv } = await makePlaces(rig, 'running');
    const many = Array.from({ length: 4000 }, (_, index) => [
      pax('x', { path: `many/${index}`, comment: 'c'.repeat(3000) }),
      member('x', '', {}),
    ]).flat();
    const file = join(rig.scratch, 'big.tar');
    writeFileSync(file, Buffer.concat([member('large', 'x'.repeat(48 * MEBIBYTE)), ...many, END]));
    const script = `ulimit -v 32768; exec ${ctrProgram} cp - web:/srv < ${file}`;
    const { status, stderr } = await runProgram(['sh', '-c', script], { env: rig.env, timeoutMs: 60_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(statSync(join(srv, 'large')).size).toBe(48 * MEBIBYTE);
    expect(readdirSync(join(srv, 'many'))).toHaveLength(4000);
    expect(existsSync(join(srv, 'x'))).toBe(false);
  });
});
