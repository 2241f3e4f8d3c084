/** vsh and vshd as a user has them: commands, streams, exit status, users, containers, bad addresses. */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { runProgram } from '../rig/run-program.js';
import { finish, listenOnce, startVshd, vshTest as test, vshdProgram, vshProgram } from '../rig/vsh.js';

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
        timeout: 10_000,
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
    const { status, stdout } = await vshd.vsh(['--user=root', 'sh', '-c', 'sleep 5 & echo $!; exit 3'], {
      timeoutMs: 4000,
    });
    expect(status).toBe(3);
    process.kill(Number(stdout), 'SIGKILL');
  });

  test('tells the end of one stream before the other', async ({ vshd }) => {
    const wire = await vshd.open({ user: 'root', nopty: true, argv: ['sh', '-c', 'exec 2>&-; sleep 0.4; echo later'] });
    expect(await finish(wire)).toMatchObject({ stdout: 'later\n', ends: [3], code: 0 });
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

describe('a command in a container', () => {
  test('is confined as what enters, in its namespaces and groups', { timeout: 120_000 }, async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const target = '--target_container=web';
    const pipe = await vshd.vsh([target, '--', 'sh', '-c', 'cat - > /bar'], { input: 'foo\n' });
    expect(pipe).toMatchObject({ status: 0, stderr: '' });
    expect((await vshd.vsh([target, '--', 'cat', '/bar'])).stdout).toBe('foo\n');
    const script =
      'grep -E "^(Cap|Seccomp|NoNew|Uid|Gid|Groups)" /proc/self/status; cat /proc/self/uid_map /proc/self/cgroup; for n in /proc/self/ns/*; do readlink $n; done';
    const command = ['--', 'sh', '-c', script];
    const entered = await rig.ctrOk('enter', 'web', ...command);
    expect((await vshd.vsh([target, ...command])).stdout).toBe(entered);
    expect((await vshd.vsh([target, '--', 'sh', '-c', 'pwd; echo $HOME $USER'])).stdout).toBe('/root\n/root root\n');
    expect((await vshd.vsh([target, '--cwd=../tmp', '--', 'pwd'])).stdout).toBe('/tmp\n');
    const cases: [readonly string[], number, RegExp][] = [
      [['--', 'no-such'], 127, /^vshd: cannot enter 'web': 'no-such' does not exist in it\n$/],
      [['--', '/etc/passwd'], 126, /cannot be run/],
      [['--user=nosuch', '--', 'id'], 1, /user 'nosuch': there is no such user/],
      [['--cwd=/nosuch', '--', 'id'], 1, /the directory '\/nosuch'/],
      [[`--cwd=${process.pid}`, '--', 'id'], 1, /is none of it/],
      [['--', 'sh', '-c', 'kill -9 $$'], 137, /^$/],
    ];
    for (const [args, status, words] of cases) {
      expect({ args, ...(await vshd.vsh([target, ...args])) }).toMatchObject({
        args,
        status,
        stderr: expect.stringMatching(words),
      });
    }
  });

  test('finds the directory of a process of it by the pid that READY told', { timeout: 120_000 }, async ({
    rig,
    vshd,
  }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const wire = await vshd.open({ target: 'web', cwd: '/tmp', nopty: true, argv: ['cat'] });
    const { stdout } = await vshd.vsh(['--target_container=web', `--cwd=${wire.response.pid}`, '--', 'pwd']);
    expect(stdout).toBe('/tmp\n');
    wire.socket.destroy();
  });

  test('ends with its container, and says so', { timeout: 120_000 }, async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    expect(await vshd.vsh(['--target_container=web', '--', 'id'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cannot enter 'web': it is not running/),
    });
    await rig.ctrOk('start', 'web');
    const { child, result } = vshd.start(['--target_container=web', '--', 'sh', '-c', 'echo in; sleep 1000']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await rig.ctrOk('destroy', 'web');
    expect(await result).toMatchObject({ status: 137, stderr: "vsh: container 'web' stopped\n" });
  });

  test('does not outlive the client that is killed', { timeout: 120_000 }, async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const { child, result } = vshd.start([
      '--target_container=web',
      '--',
      'sh',
      '-c',
      'trap "" HUP; echo in; exec sleep 1000',
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGKILL');
    await result;
    await expect.poll(() => rig.ctrOk('enter', 'web', '--', 'ps'), { timeout: 10_000 }).not.toContain('sleep 1000');
  });
});

describe('where vshd is', () => {
  test('a hybrid socket: CONNECT in one write, an OK line of any number, and what is glued to it', async ({
    rig,
    vshd,
  }) => {
    const path = join(rig.scratch, 'vm.sock');
    const server = await listenOnce(path);
    const run = runProgram([vshProgram, `--uds=${path}`, '--user=root', '--', 'sh', '-c', 'echo hi; exit 4'], {
      env: rig.env,
    });
    const host = await server.accept();
    const line = await new Promise<Buffer>((resolve) => host.once('data', resolve));
    expect(line.toString()).toBe('CONNECT 9001\n');
    const guest = connect(vshd.socket);
    host.pipe(guest);
    // READY goes out in the same segment as the end of the line.
    host.write('OK 10737');
    const request = new Promise<void>((resolve) => setTimeout(resolve, 50));
    await request;
    host.write('41824\n');
    guest.pipe(host);
    expect(await run).toMatchObject({ status: 4, stdout: 'hi\n', stderr: '' });
    server.close();
  });

  test('a hybrid socket that glues frames to its OK loses none', async ({ rig }) => {
    const path = join(rig.scratch, 'vm.sock');
    const server = await listenOnce(path);
    const run = runProgram([vshProgram, `--uds=${path}`, '--port=52', '--', 'x'], { env: rig.env });
    const host = await server.accept();
    const line = await new Promise<Buffer>((resolve) => host.once('data', resolve));
    expect(line.toString()).toBe('CONNECT 52\n');
    const frames = '100000000801120976736820726561647918c102090000000a0708021203686 90a'.replace(' ', '');
    host.write(Buffer.concat([Buffer.from('OK 1073741824\n'), Buffer.from(frames, 'hex')]));
    host.write(Buffer.from('0400000012020802', 'hex'));
    expect(await run).toMatchObject({ status: 0, stdout: 'hi\n' });
    server.close();
  });

  test.for([
    ['', /connection refused/],
    ['NO\n', /does not say 'OK'/],
    [`OK ${'1'.repeat(200)}\n`, /does not say 'OK'/],
  ] as const)('a hybrid socket that answers %j: refused, with a reason', async ([answer, reason], { rig }) => {
    const path = join(rig.scratch, 'vm.sock');
    const server = await listenOnce(path);
    const run = runProgram([vshProgram, `--uds=${path}`, '--', 'x'], { env: rig.env });
    const host = await server.accept();
    await new Promise((resolve) => host.once('data', resolve));
    host.end(answer);
    expect(await run).toMatchObject({ status: 1, stderr: expect.stringMatching(reason) });
    server.close();
  });

  test('dial-back on PATH_PORT, and 5 s without one', { timeout: 30_000 }, async ({ rig, vshd }) => {
    const path = join(rig.scratch, 'vm.sock');
    const run = runProgram([vshProgram, `--uds=${path}`, '--listen_port=4242', '--user=root', '--', 'echo', 'hi'], {
      env: rig.env,
    });
    const guest = connect(vshd.socket);
    await expect.poll(() => runProgram(['test', '-S', `${path}_4242`]).then(({ status }) => status)).toBe(0);
    const host = connect(`${path}_4242`);
    host.pipe(guest).pipe(host);
    expect(await run).toMatchObject({ status: 0, stdout: 'hi\n', stderr: '' });
    const alone = await runProgram([vshProgram, `--uds=${path}`, '--listen_port=4242', '--', 'x'], { env: rig.env });
    expect(alone).toMatchObject({ status: 1, stderr: expect.stringMatching(/no vshd has dialled .* within 5 s/) });
  });

  test('the table of machines: by owner and name, the first line that fits', async ({ rig, vshd }) => {
    const table = rig.writeFile(
      'vms',
      `# machines\nann  dev  cid:7\n\nbob dev unix:${vshd.socket} # his\n* any unix:${vshd.socket}\nx y z\n`,
    );
    const env = { ...rig.env, CTR_VMS: table };
    const run = (...args: string[]) => runProgram([vshProgram, ...args, '--user=root', '--', 'echo', 'hi'], { env });
    expect(await run('--vm_name=dev', '--owner_id=bob')).toMatchObject({ status: 0, stdout: 'hi\n' });
    expect(await run('--vm_name', 'any', '--owner_id', 'eve')).toMatchObject({ status: 0, stdout: 'hi\n' });
    expect(await run('--vm_name=y', '--owner_id=x')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/vms:6: a line is/),
    });
    expect(await run('--vm_name=dev')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/--vm_name needs --owner_id/),
    });
    writeFileSync(table, '');
    expect(await run('--vm_name=dev', '--owner_id=bob')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is not in the table/),
    });
  });

  const lines: [readonly string[], number, RegExp][] = [
    [['--help'], 0, /^$/],
    [['--no_such'], 64, /there is no option '--no_such'/],
    [['--cid=x'], 65, /--cid=x/],
    [['--cid=0'], 65, /--cid=0/],
    [['--port=4294967296', '--cid=3'], 65, /--port/],
    [['--user'], 65, /its value is missing/],
    [[], 1, /one of --cid, --vm_name, --uds and --unix/],
    [['--cid=3', '--unix=/x'], 1, /only one of/],
    [['--unix=/no/such.sock'], 1, /cannot connect to '\/no\/such.sock': there is no such socket/],
    [[`--unix=/${'x'.repeat(120)}`], 1, /at most 107 bytes/],
    [['--cid=4000000000'], 1, /cannot connect to cid 4000000000, port 9001: /],
  ];
  test.for(lines)('a command line %s', async ([args, status, words], { rig }) => {
    expect(await runProgram([vshProgram, ...args], { env: rig.env })).toMatchObject({
      status,
      stderr: expect.stringMatching(words),
    });
  });

  test('a command that does not fit into a frame is refused here', async ({ vshd }) => {
    const { status, stderr } = await vshd.vsh(['--user=root', '--', 'echo', 'x'.repeat(5000)]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/too large: \d+ bytes, of at most 4096/),
    });
  });

  test('a vshd that is killed in the middle: 123 and why', async ({ vshd }) => {
    const { child, result } = vshd.start(['--user=root', '--', 'sh', '-c', 'echo $PPID; sleep 60']);
    const said = await new Promise<Buffer>((resolve) => child.stdout?.once('data', resolve));
    process.kill(Number(said), 'SIGKILL');
    expect(await result).toMatchObject({ status: 123, stderr: 'vsh: the connection ended before the command did\n' });
  });
});

describe('vshd', () => {
  const lines: [readonly string[], number, RegExp][] = [
    [['--help'], 0, /^$/],
    [['--nope'], 64, /there is no option/],
    [['word'], 64, /options only/],
    [['--listen=tcp:22'], 65, /'vsock:PORT' or 'unix:PATH'/],
    [['--inherit_env=perhaps'], 65, /true or false/],
    [['--listen=unix:/no/such/dir/s'], 1, /cannot listen on '\/no\/such\/dir\/s'/],
  ];
  test.for(lines)('a command line %s', async ([args, status, words], { rig }) => {
    expect(await runProgram([vshdProgram, ...args], { env: rig.env })).toMatchObject({
      status,
      stderr: expect.stringMatching(words),
    });
  });

  test('takes the place of a socket that nobody listens on, and of nothing else', async ({ rig, vshd }) => {
    const run = (path: string) => runProgram([vshdProgram, `--listen=unix:${path}`], { env: rig.env, timeoutMs: 5000 });
    expect(await run(vshd.socket)).toMatchObject({ status: 1, stderr: expect.stringMatching(/in use or no socket/) });
    const file = rig.writeFile('precious', 'data');
    expect((await run(file)).status).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('data');
    mkdirSync(join(rig.scratch, 'dir'));
    expect((await run(join(rig.scratch, 'dir'))).status).toBe(1);
    process.kill(vshd.pid, 'SIGKILL');
    const second = await startVshd(rig);
    await second.stop();
  });

  test('a session goes on when vshd ends', async ({ rig }) => {
    const vshd = await startVshd(rig);
    const { child, result } = vshd.start(['--user=root', '--', 'sh', '-c', 'echo in; sleep 1; echo still']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await vshd.stop();
    expect(await result).toMatchObject({ status: 0, stdout: 'in\nstill\n' });
  });
});
