/** vsh against peers that mean harm: words, frames, identities, targets. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { lacksProgram } from '../rig/needs.js';
import { projectRoot } from '../rig/rig.js';
import { runProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { finish, startVshd, vshTest as test, vshdProgram, vshProgram } from '../rig/vsh.js';
import { readResponse } from '../rig/vsh-codec.js';

const NASTY = [
  'a b',
  '$(id)',
  '',
  '`id`',
  '*',
  "it's",
  'new\nline',
  '-x',
  '--',
  '\x1b]0;x\x07',
  '\x04',
  '\x1d',
  'ü€😀',
];

describe('words and bytes', () => {
  test('S104 arguments arrive as they are, one by one', async ({ vshd }) => {
    const { stdout } = await vshd.vsh(['--user=root', '--', 'printf', '%s|', ...NASTY]);
    expect(stdout).toBe(NASTY.map((word) => `${word}|`).join(''));
    const bytes = await vshd.open({
      user: 'root',
      nopty: true,
      argv: ['printf', '%s', Buffer.from([0xff, 0xfe, 0x80])],
    });
    const messages = await bytes.rest();
    expect(messages[0]?.toString('hex')).toContain('fffe80');
  });

  test('S104 no byte of a stream ends or steers the session', async ({ vshd }) => {
    const input = Buffer.from(Array.from({ length: 65536 }, (_, index) => index % 256));
    const { status, stdoutBytes } = await vshd.vsh(['--user=root', 'cat'], { input });
    expect({ status, same: stdoutBytes.equals(input) }).toEqual({ status: 0, same: true });
  });

  test('what a peer says cannot steer the terminal of who reads its refusal, or the log', async ({ vshd }) => {
    const { stderr } = await vshd.vsh(['--user=\x1b]0;title\x07', '--', 'id']);
    expect(stderr).toContain('\\x1b]0;title\\x07');
    expect(stderr).not.toContain('\x1b');
    expect(vshd.log()).not.toContain('\x1b');
  });

  test('the reader holds against 100 000 inputs', { timeout: slow(120_000) }, async ({ rig, skip }) => {
    const lack = lacksProgram('gcc');
    if (lack !== undefined) skip(lack);
    const program = join(rig.scratch, 'vsh-reader');
    const native = join(projectRoot, 'native');
    const sources = ['buffer', 'protobuf', 'decode', 'encode'].map((name) => join(native, `vsh-${name}.c`));
    const flags = ['-std=c11', '-D_GNU_SOURCE', '-Dread=fuzz_read', '-Wall', '-Werror', '-O1', '-g', `-I${native}`];
    const build = (more: readonly string[]) =>
      spawnSync(
        'gcc',
        [...flags, ...more, '-o', program, join(projectRoot, 'test/hardening/programs/vsh-reader.c'), ...sources],
        { encoding: 'utf8' },
      );
    // Where gcc has no sanitizers, its own checks must do.
    const withSanitizers = build(['-fsanitize=address,undefined', '-fno-sanitize-recover=all']);
    if (withSanitizers.status !== 0) expect(build([]).stderr).toBe('');
    for (const seed of ['1', '20240229']) {
      const run = await runProgram([program, '50000', seed], { env: rig.env, timeoutMs: 100_000 });
      expect(run).toMatchObject({ status: 0, stdout: '50000 inputs\n', stderr: '' });
    }
  });

  test('what is no vsh takes down nothing but its own session', async ({ vshd }) => {
    for (let round = 0; round < 50; round += 1) {
      const wire = await vshd.connect();
      wire.socket.write(Buffer.from(Array.from({ length: 64 }, (_, index) => (round * 31 + index * 17) % 256)));
      wire.socket.end();
      await wire.rest();
    }
    expect((await vshd.vsh(['--user=root', 'echo', 'alive'])).stdout).toBe('alive\n');
  });

  test('a reader that never reads makes the server hold a bounded amount', async ({ vshd }) => {
    const wire = await vshd.open({ user: 'root', nopty: true, argv: ['cat', '/dev/zero'] });
    wire.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, slow(500)));
    const status = readFileSync(`/proc/${parentOf(wire.response.pid)}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(4096);
    wire.socket.destroy();
  });

  test('a peer that says nothing is let go of after 10 s', { timeout: slow(30_000) }, async ({ vshd }) => {
    const wire = await vshd.connect();
    const [answer] = await wire.rest();
    expect(readResponse(answer ?? Buffer.alloc(0))).toMatchObject({
      status: 3,
      description: 'no setup request within 10 s',
    });
  });
});

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

describe('identity', () => {
  test('S105 there is no carrier without one: no TCP, and a unix socket for its owner alone', async ({ rig, vshd }) => {
    expect(statSync(vshd.socket).mode & 0o777).toBe(0o600);
    const inodes = readdirSync(`/proc/${vshd.pid}/fd`)
      .map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${vshd.pid}/fd/${fd}`))?.[1])
      .filter((inode) => inode !== undefined);
    const internet = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) =>
      readFileSync(`/proc/${vshd.pid}/net/${name}`, 'utf8'),
    );
    expect(inodes.length).toBeGreaterThan(0);
    for (const inode of inodes) expect(internet.join('')).not.toMatch(new RegExp(` ${inode} `));
    for (const address of ['tcp:0.0.0.0:22', '127.0.0.1:9001', '9001', 'vsock:', 'vsock:0', 'unix:']) {
      const { status } = await runProgram([vshdProgram, `--listen=${address}`], { env: rig.env, timeoutMs: 5000 });
      expect({ address, status }).toEqual({ address, status: 65 });
    }
  });

  test('S105 a uid that is not allowed gets no session, whatever the socket’s mode', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    const as = (uid: number, socket: string) => [
      ...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', vshProgram],
      ...[`--unix=${socket}`, '--user=root', '--', 'id', '-u'],
    ];
    const env = { PATH: rig.env.PATH };
    const closed = await startVshd(rig);
    expect(await runProgram(as(61_235, closed.socket), { env })).toMatchObject({ status: 1, stdout: '' });
    await closed.stop();
    const open = await startVshd(rig, ['--default_user=root', '--allow_uid=61234']);
    expect(await runProgram(as(61_235, open.socket), { env })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/your uid may not connect/),
    });
    expect(await runProgram(as(61_234, open.socket), { env })).toMatchObject({ status: 0, stdout: '0\n' });
    await open.stop();
  });

  test('a vshd of an ordinary user makes nobody else of him', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    const socket = join(rig.scratch, 'home/user.sock');
    const ids = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    await runProgram(['chown', '65534', join(rig.scratch, 'home')]);
    const script = `${vshdProgram} --listen=unix:${socket} --default_user=nobody & v=$!
      for i in $(seq 100); do test -S ${socket} && break; sleep 0.05; done; sleep 0.2
      for user in root nobody daemon; do ${vshProgram} --unix=${socket} --user=$user -- id -un; done; kill $v; wait`;
    const { stdout, stderr } = await runProgram(['setpriv', ...ids, 'sh', '-c', script], { env: rig.env });
    expect(stdout).toBe('nobody\n');
    expect(stderr).toContain('cannot change to user: root');
    expect(stderr).toContain('cannot change to user: daemon');
  });
});

describe('a target that is none', () => {
  test.for(['no-such', '/', '/vm_shell/', '.', '..', '../web', '/proc/1/root', 'web\n', 'WEB', 'web/../web'])(
    '%j is refused, and nothing runs anywhere',
    async (target, { rig, vshd }) => {
      const proof = join(rig.scratch, 'ran');
      writeFileSync(proof, '');
      const wire = await vshd.open({ target, user: 'root', nopty: true, argv: ['sh', '-c', `echo ran > ${proof}`] });
      expect(wire.response).toMatchObject({ status: 3, pid: 0, description: expect.stringMatching(/^cannot /) });
      expect((await finish(wire)).stdout).toBe('');
      expect(readFileSync(proof, 'utf8')).toBe('');
    },
  );
});

describe('what runs', () => {
  test('has three descriptors, a session of its own, and no signal blocked or ignored', async ({ vshd }) => {
    const script = 'ls /proc/self/fd; grep -E "^Sig(Blk|Ign)" /proc/self/status; ps -o sid= -p $$ | tr -d " "; echo $$';
    const { stdout } = await vshd.vsh(['--user=root', '--', 'sh', '-c', script]);
    const lines = stdout.trimEnd().split('\n');
    // 3 is ls reading the directory.
    expect(lines.slice(0, 4)).toEqual(['0', '1', '2', '3']);
    expect(lines[4]).toMatch(/^SigBlk:\s0{16}$/);
    expect(lines[5]).toMatch(/^SigIgn:\s0{16}$/);
    expect(lines[6]).toBe(lines[7]);
  });
});
