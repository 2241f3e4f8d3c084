/** vsh as a user has it: commands, streams, exit status, signals, users. */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { runProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { finish, startVshd, vshTest as test, vshdProgram, vshProgram } from '../rig/vsh.js';

const MEBIBYTE = 1024 * 1024;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a command in the machine', () => {
  test('has streams of its own and its exit status', async ({ vshd }) => {
    const { status, stdout, stderr } = await vshd.vsh([
      '--user=root',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 42',
    ]);
    expect({ status, stdout, stderr }).toEqual({ status: 42, stdout: 'out\n', stderr: 'err\n' });
  });

  const statuses: [readonly string[], number, RegExp][] = [
    [['true'], 0, /^$/],
    [['sh', '-c', 'exit 255'], 255, /^$/],
    [['sh', '-c', 'kill -9 $$'], 137, /^$/],
    [['sh', '-c', 'kill -TERM $$'], 143, /^$/],
    [['no-such-program'], 127, /^vshd: cannot run 'no-such-program': ENOENT/],
    [['/etc/passwd'], 126, /^vshd: cannot run '\/etc\/passwd': EACCES/],
  ];
  test.for(statuses)('ends with the status of a shell: %s', async ([command, status, words], { vshd }) => {
    expect(await vshd.vsh(['--user=root', '--', ...command])).toMatchObject({
      status,
      stderr: expect.stringMatching(words),
    });
  });

  test('is not over when it is stopped', async ({ vshd }) => {
    const script = '(sleep 0.3; kill -CONT $$) & kill -STOP $$; exit 5';
    expect((await vshd.vsh(['--user=root', '--', 'sh', '-c', script])).status).toBe(5);
  });

  test('gets and gives any bytes, a mebibyte of them', async ({ vshd }) => {
    const input = randomBytes(MEBIBYTE);
    const { status, stdoutBytes } = await vshd.vsh(['--user=root', 'cat'], { input });
    expect({ status, length: stdoutBytes.length, sum: sha256(stdoutBytes) }).toEqual({
      status: 0,
      length: MEBIBYTE,
      sum: sha256(input),
    });
  });

  test('carries more than all buffers hold, both ways, into a reader that takes little at a time', {
    timeout: slow(120_000),
  }, async ({ rig, vshd }) => {
    const bytes = 200 * 1024 * 1024;
    const vsh = `"$1" --unix="$2" --user=root --`;
    const script = `head -c ${bytes} /dev/zero | ${vsh} sh -c 'tee /dev/stderr' 2>/dev/null | dd bs=1500 2>/dev/null | cksum
      head -c ${bytes} /dev/zero | cksum`;
    const { stdout, stderr } = await runProgram(['sh', '-c', script, 'sh', vshProgram, vshd.socket], {
      env: rig.env,
      timeoutMs: slow(100_000),
    });
    expect(stderr).toBe('');
    const [got, meant] = stdout.trim().split('\n');
    expect(got).toBe(meant);
  });

  test('may say much more than it reads, and read late', async ({ vshd }) => {
    const script = 'head -c 3000000 /dev/zero; cat | wc -c >&2';
    const { status, stdoutBytes, stderr } = await vshd.vsh(['--user=root', 'sh', '-c', script], {
      input: randomBytes(3_000_000),
    });
    expect({ status, length: stdoutBytes.length, stderr: stderr.trim() }).toEqual({
      status: 0,
      length: 3_000_000,
      stderr: '3000000',
    });
  });

  test('reads a file and /dev/null to their end', async ({ rig, vshd }) => {
    const file = rig.writeFile('input', 'from a file\n');
    for (const [path, said] of [
      [file, 'from a file\n'],
      ['/dev/null', ''],
    ] as const) {
      const fd = openSync(path, 'r');
      const { status, stdout } = spawnSync(vshProgram, [`--unix=${vshd.socket}`, '--user=root', 'cat'], {
        stdio: [fd, 'pipe', 'pipe'],
        env: rig.env,
        timeout: slow(10_000),
      });
      closeSync(fd);
      expect({ path, status, said: stdout.toString() }).toEqual({ path, status: 0, said });
    }
  });

  test('ends when its reader does', async ({ rig, vshd }) => {
    const vsh = `${vshProgram} --unix=${vshd.socket} --user=root --`;
    const run = (script: string) => runProgram(['bash', '-c', script], { env: rig.env, timeoutMs: 10_000 });
    expect(await run(`yes | ${vsh} head -n1; echo $?`)).toMatchObject({
      stdout: 'y\n0\n',
      stderr: '',
      timedOut: false,
    });
    expect(await run(`${vsh} yes | head -n1; echo \${PIPESTATUS[0]}`)).toMatchObject({
      stdout: 'y\n141\n',
      stderr: '',
      timedOut: false,
    });
  });

  test('is not kept by what it leaves behind', async ({ vshd }) => {
    const { status, stdout } = await vshd.vsh(['--user=root', 'sh', '-c', `sleep ${slow(5)} & echo $!; exit 3`], {
      timeoutMs: 4000,
    });
    expect(status).toBe(3);
    process.kill(Number(stdout), 'SIGKILL');
  });

  test('tells the end of one stream before the other', async ({ vshd }) => {
    const wire = await vshd.open({ user: 'root', nopty: true, argv: ['sh', '-c', 'exec 2>&-; sleep 0.4; echo later'] });
    const { ends, ...rest } = await finish(wire);
    expect(rest).toMatchObject({ stdout: 'later\n', code: 0 });
    // That of stdout may come behind it, or go with the end of the program.
    expect(ends[0]).toBe(3);
  });

  test('signals reach it through vsh, with its children', async ({ vshd }) => {
    const { child, result } = vshd.start([
      '--user=root',
      '--',
      'sh',
      '-c',
      'trap "exit 9" INT; echo ready; sleep 60 & wait',
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect((await result).status).toBe(9);
  });

  test('a signal comes through, or ends the session, also behind input that it does not read', async ({ vshd }) => {
    const { child, result } = vshd.start(['--user=root', '--', 'sh', '-c', 'echo ready; exec sleep 60'], {
      input: Buffer.alloc(8 * MEBIBYTE),
      timeoutMs: 15_000,
    });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ status: 143, timedOut: false });
  });

  test('a client that is killed hangs it up', async ({ rig, vshd }) => {
    const file = join(rig.scratch, 'hung-up');
    const script = 'trap "echo yes > $0; exit" HUP; sleep 60 & echo ready; wait';
    const { child, result } = vshd.start(['--user=root', '--', 'sh', '-c', script, file]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGKILL');
    await result;
    await expect.poll(() => runProgram(['cat', file]).then(({ stdout }) => stdout)).toBe('yes\n');
  });
});

describe('who it is, and where', () => {
  test('login shell, home and the few variables of a session', async ({ vshd }) => {
    const { stdout } = await vshd.vsh(['--user=root'], {
      input: 'echo $0; pwd; echo $HOME $SHELL $TERM\n',
      env: { TERM: '' },
    });
    const [, , , , , home = '', shell = ''] = (readFileSync('/etc/passwd', 'utf8').split('\n')[0] ?? '').split(':');
    expect(stdout).toBe(`-${shell.split('/').at(-1)}\n${home}\n${home} ${shell} linux\n`);
  });

  test('another user, with his groups', async ({ vshd }) => {
    expect((await vshd.vsh(['--user=nobody', '--', 'id', '-un'])).stdout).toBe('nobody\n');
    expect((await vshd.vsh(['--user=nobody', '--', 'sh', '-c', 'grep Groups /proc/self/status'])).stdout).toMatch(
      /^Groups:\s65534\s*$/,
    );
  });

  test('HOME and SHELL are those of the user; other variables and PATH are the caller’s to choose', async ({
    vshd,
  }) => {
    const { stdout } = await vshd.vsh([
      '--user=root',
      '--',
      'HOME=/x',
      'SHELL=/y',
      'PATH=/usr/bin:/bin',
      'FOO=bar',
      'env',
    ]);
    expect(stdout).toMatch(/^FOO=bar$/m);
    expect(stdout).toMatch(/^PATH=\/usr\/bin:\/bin$/m);
    expect(stdout).not.toMatch(/^(HOME=\/x|SHELL=\/y)$/m);
    expect(stdout).not.toContain('CTR_STATE_DIR');
  });

  test('--inherit_env hands vshd’s own on, and the caller’s win', async ({ rig }) => {
    const vshd = await startVshd(rig, ['--default_user=root', '--inherit_env']);
    const { stdout } = await vshd.vsh(['--user=root', '--', 'LANG=xx', 'env']);
    expect(stdout).toContain(`CTR_STATE_DIR=${rig.stateDir}\n`);
    expect(stdout).toMatch(/^LANG=xx$/m);
    await vshd.stop();
  });

  test('--cwd: a directory, one below home, that of a process', async ({ vshd }) => {
    const pwd = async (cwd: string) => (await vshd.vsh(['--user=root', `--cwd=${cwd}`, 'pwd'])).stdout;
    expect(await pwd('/usr')).toBe('/usr\n');
    expect(await pwd('../usr/bin')).toBe('/usr/bin\n');
    expect(await pwd(String(process.pid))).toBe(`${process.cwd()}\n`);
  });

  const refused: [readonly string[], RegExp][] = [
    [['--user=no-such-user', '--', 'id'], /could not find user: no-such-user$/m],
    [['--', 'id'], /could not find user: chronos$/m],
    [['--user=root', '--cwd=/no/such', '--', 'id'], /could not change to the directory '\/no\/such': ENOENT/],
    [['--user=root', '--cwd=999999999', '--', 'id'], /could not change to the directory '\/proc\/999999999\/cwd'/],
    [['--target_container=no-such', '--', 'id'], /cannot enter 'no-such': no container of that name is defined/],
    [['--target_container=../..', '--', 'id'], /cannot use name '\.\.\/\.\.'/],
  ];
  test.for(refused)('is refused with its reason: %s', async ([args, reason], { vshd }) => {
    expect(await vshd.vsh(args)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(reason) });
  });

  test('--allow_to_switch_user=false: the one who runs vshd, and no other name', async ({ rig }) => {
    const vshd = await startVshd(rig, ['--default_user=root', '--allow_to_switch_user=false']);
    const { status, stderr } = await vshd.vsh(['--user=nobody', '--', 'id']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/only root is allowed login on the VM shell/),
    });
    expect((await vshd.vsh(['--user=root', '--', 'sh', '-c', 'id -u; echo $HOME $SHELL'])).stdout).toBe(
      '0\n/ /bin/sh\n',
    );
    await vshd.stop();
    const other = await runProgram([vshdProgram, '--allow_to_switch_user=false', `--listen=unix:${rig.scratch}/x`], {
      env: rig.env,
    });
    expect(other).toMatchObject({ status: 1, stderr: expect.stringMatching(/cannot serve the user 'chronos'/) });
  });
});
