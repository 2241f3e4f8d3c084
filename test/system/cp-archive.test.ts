/** `ctr cp` with a tar archive on the host's side: the host's own tar(1) is the judge of both directions. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, expect, lacksProgram, type Rig, runProgram, test } from '../rig/index.js';

/** What find(1) says of a tree: name, mode, owner, time, names, size and where a link leads. */
function describeTree(root: string): string {
  const format = '%p\\t%m\\t%U:%G\\t%T@\\t%n\\t%s\\t%l\\n';
  return execFileSync('sh', [
    '-c',
    `cd "$1" && find . ! -name . ! -type d -printf '${format}' | sort`,
    'sh',
    root,
  ]).toString();
}

/** One of each kind that an archive can hold, and what does not fit into its headers. */
function makeTree(rig: Rig): string {
  const tree = join(rig.scratch, 'tree');
  const far = join('n'.repeat(150), 'm'.repeat(150));
  mkdirSync(join(tree, far), { recursive: true });
  writeFileSync(join(tree, far, 'x'), 'deep\n');
  linkSync(join(tree, far, 'x'), join(tree, 'same'));
  writeFileSync(join(tree, 'program'), Buffer.alloc(300_001, 7));
  chownSync(join(tree, 'program'), 1000, 100);
  chmodSync(join(tree, 'program'), 0o4755);
  utimesSync(join(tree, 'program'), 1e9 + 0.25, 1e9 + 0.25);
  writeFileSync(join(tree, 'new\nline ü'), '');
  utimesSync(join(tree, 'new\nline ü'), -86_400.75, -86_400.75);
  writeFileSync(join(tree, 'block'), Buffer.alloc(1024, 1));
  symlinkSync('x'.repeat(200), join(tree, 'far-link'));
  execFileSync('mkfifo', [join(tree, 'fifo')]);
  return tree;
}

const archiveOf = (tree: string, ...options: string[]) =>
  execFileSync('tar', ['-C', join(tree, '..'), ...options, '-c', 'tree'], { maxBuffer: 1 << 30 });

describe('a tar archive in place of a path', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('tar') ?? lacksProgram('find');
    if (lack !== undefined) skip(lack);
  });

  test.for(['gnu', 'pax', 'ustar-like'])('comes in and goes out as tar has it [%s]', async (kind, { rig }) => {
    await rig.bootstrap('web');
    const tree = makeTree(rig);
    // The oldest format has no fractions of a second, and no long names.
    if (kind === 'ustar-like') {
      execFileSync('find', [tree, '-mindepth', '1', '-name', 'n*', '-exec', 'rm', '-r', '{}', '+']);
      execFileSync('rm', [join(tree, 'far-link')]);
      utimesSync(join(tree, 'program'), 1e9, 1e9);
      utimesSync(join(tree, 'block'), 1e9, 1e9);
      utimesSync(join(tree, 'same'), 1e9, 1e9);
      execFileSync('touch', ['-d', '@1000000000', join(tree, 'fifo')]);
    }
    const format = kind === 'ustar-like' ? 'ustar' : kind;
    const whole = format === 'pax' || format === 'ustar';
    const input = archiveOf(tree, `--format=${format}`);
    expect(await rig.ctr(['cp', '-a', '-', 'web:/root'], { input })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { status, stdoutBytes, stderr } = await rig.ctr(['cp', '-a', 'web:/root/tree', '-']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const out = join(rig.scratch, 'out');
    mkdirSync(out);
    const unpacked = await runProgram(['tar', '-C', out, '-xpf', '-'], { input: stdoutBytes });
    expect(unpacked.status).toBe(0);
    const [told, meant] = [join(out, 'tree'), tree].map((root) =>
      whole ? describeTree(root) : describeTree(root).replace(/(\t-?\d+)\.\d+\t/g, '$1\t'),
    );
    if (whole) expect(told).toBe(meant);
    expect(readFileSync(join(out, 'tree/program')).equals(readFileSync(join(tree, 'program')))).toBe(true);
    expect(statSync(join(out, 'tree/program')).mode & 0o7777).toBe(0o4755);
    expect(told?.split('\n').length).toBe(meant?.split('\n').length);
  });

  test('belongs to root inside, or to the caller, without -a', async ({ rig }) => {
    await rig.bootstrap('web');
    const input = archiveOf(makeTree(rig));
    expect(await rig.ctr(['cp', '-', 'web:/root'], { input })).toMatchObject({ status: 0, stderr: '' });
    const { stdoutBytes } = await rig.ctr(['cp', 'web:/root/tree/program', '-']);
    const { stdout } = await runProgram(['tar', '-tvf', '-', '--numeric-owner'], { input: stdoutBytes });
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 +300001 .* program\n$/);
  });

  test('has files of /proc, whose size nobody knows, and a directory’s contents by their own names', async ({
    rig,
  }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const version = await rig.ctr(['cp', 'web:/proc/version', '-']);
    const { stdout } = await runProgram(['tar', '-xOf', '-'], { input: version.stdoutBytes });
    expect(stdout).toBe(readFileSync('/proc/version', 'utf8'));
    await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'mkdir /root/d; echo a > /root/d/a; ln /root/d/a /root/b');
    const contents = await rig.ctr(['cp', 'web:/root/.', '-']);
    const listed = await runProgram(['tar', '-tf', '-'], { input: contents.stdoutBytes });
    expect(listed.stdout.split('\n').sort()).toEqual(['', './', './b', './d/', './d/a']);
  });

  test('that comes in another order has the same directories', async ({ rig }) => {
    await rig.bootstrap('web');
    const tree = join(rig.scratch, 'tree');
    mkdirSync(join(tree, 'a'), { recursive: true });
    mkdirSync(join(tree, 'b'));
    for (const name of ['a/1', 'b/2', 'a/3']) writeFileSync(join(tree, name), name);
    chmodSync(join(tree, 'a'), 0o711);
    const order = ['a', 'b/2', 'a/3', 'b', 'a/1'];
    const input = execFileSync('tar', ['-C', tree, '--no-recursion', '-c', ...order]);
    expect(await rig.ctr(['cp', '-a', '-', 'web:/root'], { input })).toMatchObject({ status: 0, stderr: '' });
    const rootfs = String((await rig.info('web')).rootfs);
    expect(readdirSync(join(rootfs, 'root/a'))).toEqual(['1', '3']);
    expect(statSync(join(rootfs, 'root/a')).mode & 0o777).toBe(0o711);
    expect(readFileSync(join(rootfs, 'root/b/2'), 'utf8')).toBe('b/2');
  });

  test('is told apart from what is none', async ({ rig }) => {
    await rig.bootstrap('web');
    const rootfs = String((await rig.info('web')).rootfs);
    const archive = archiveOf(makeTree(rig));
    const damaged = Buffer.from(archive);
    damaged.fill(255, 512, 600);
    const cases: [Uint8Array, string][] = [
      [Buffer.alloc(0), 'stdin is empty'],
      [Buffer.from('hello\n'.repeat(1000)), 'what comes from stdin is no tar archive'],
      [execFileSync('gzip', { input: archive }), "it is compressed: 'zcat'"],
      [damaged, 'it is damaged'],
      [archive.subarray(0, 700), 'it ends in the middle'],
      [archive.subarray(0, 200_100), 'it ends in the middle'],
    ];
    for (const [input, reason] of cases) {
      const { status, stderr } = await rig.ctr(['cp', '-', 'web:/root/new'], { input });
      expect({ reason, status, stderr }).toEqual({
        reason,
        status: 1,
        stderr: expect.stringContaining(`cannot read the archive: ${reason}`),
      });
    }
    expect(existsSync(join(rootfs, 'root/new/tree/program'))).toBe(false);
    const missing = await rig.ctr(['cp', 'web:/no/such', '-']);
    expect(missing).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('ENOENT') });
    const nowhere = await rig.ctr(['cp', '-', 'web:/no/such/place'], { input: archive });
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining("'web:/no/such'") });
  });

  test('ends quietly when its reader has seen enough', async ({ rig }) => {
    await rig.bootstrap('web');
    const script = '"$1" cp web:/ - | head -c 1000 | wc -c';
    const { stdout, stderr } = await runProgram(['sh', '-c', script, 'sh', ctrProgram], { env: rig.env });
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '1000', stderr: '' });
  });
});
