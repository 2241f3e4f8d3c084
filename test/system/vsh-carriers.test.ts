/** Where vshd is: hybrid sockets, dial-back, the table of machines, addresses that lead nowhere; what vshd listens on. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { runProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { listenOnce, startVshd, vshTest as test, vshdProgram, vshProgram } from '../rig/vsh.js';
import { dataFrame, STREAM, setupFrame } from '../rig/vsh-codec.js';

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

  test.for([
    ['its command', ['true']],
    ['a refusal', []],
  ] as const)(
    'a carrier that is still writing after %s has come to its end loses nothing of it',
    async ([, argv], { vshd }) => {
      const socket = connect({ path: vshd.socket, allowHalfOpen: true });
      const user = argv.length === 0 ? 'nobody-of-this-name' : 'root';
      socket.resume().write(setupFrame({ target: '/vm_shell', user, argv, nopty: true }));
      await new Promise((resolve) => socket.once('end', resolve));
      const error = await new Promise((resolve) => {
        socket.once('error', resolve);
        socket.write(dataFrame(STREAM.stdin, 'late'), resolve);
      });
      expect(error ?? undefined).toBeUndefined();
      socket.destroy();
    },
  );

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

  test('dial-back on PATH_PORT, and 5 s without one', { timeout: slow(30_000) }, async ({ rig, vshd }) => {
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

  test('serves, and vsh runs, with stdin, stdout and stderr closed', async ({ rig }) => {
    const socket = join(rig.scratch, 'closed.sock');
    const script = `${vshdProgram} --listen=unix:${socket} --default_user=root <&- >&- 2>&- & v=$!
      while ! test -S ${socket}; do sleep 0.05; done; sleep 0.2
      ${vshProgram} --unix=${socket} --user=root -- sh -c 'echo hi; exit 3'; echo $?
      ${vshProgram} --unix=${socket} --user=root -- sh -c 'cat; exit 4' <&-; echo $?; kill $v; wait $v`;
    expect((await runProgram(['sh', '-c', script], { env: rig.env })).stdout).toBe('hi\n3\n4\n');
  });

  test('a session goes on when vshd ends', async ({ rig }) => {
    const vshd = await startVshd(rig);
    const { child, result } = vshd.start(['--user=root', '--', 'sh', '-c', 'echo in; sleep 1; echo still']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await vshd.stop();
    expect(await result).toMatchObject({ status: 0, stdout: 'in\nstill\n' });
  });
});
