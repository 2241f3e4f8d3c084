/** Bytes on the wire: the frames of a standard encoder against vsh and vshd, each played against by the test. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Rig } from '../rig/rig.js';
import { startProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { finish, listenOnce, makeWire, vshTest as test, vshProgram, type Wire } from '../rig/vsh.js';
import {
  bytes,
  dataFrame,
  exitedFrame,
  frame,
  number,
  readResponse,
  responseFrame,
  setupFrame,
  signalFrame,
} from '../rig/vsh-codec.js';
import { fromHex, GOLDEN_FRAMES, GOLDEN_SETUPS } from '../rig/vsh-golden.js';

const READY = responseFrame(1, 'vsh ready', 321);

function golden(name: string): Buffer {
  const found = GOLDEN_FRAMES.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no frame '${name}'`);
  return fromHex(found.hex);
}

/** Runs vsh against a server that the test plays. */
async function playServer(
  rig: Rig,
  args: readonly string[],
  options: { input?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
) {
  const path = join(rig.scratch, 'fake.sock');
  const server = await listenOnce(path);
  const program = startProgram([vshProgram, `--unix=${path}`, ...args], {
    input: options.input ?? '',
    env: { ...rig.env, TERM: '', ...options.env },
    timeoutMs: 20_000,
  });
  const wire = makeWire(await server.accept());
  const request = await wire.next();
  return { wire, request, program, close: server.close };
}

describe('what vsh sends', () => {
  const requests: [string, readonly string[], NodeJS.ProcessEnv][] = [
    ['a command of root without a terminal', ['--user=root', '--', '/bin/echo', 'hi'], {}],
  ];
  test.for(requests)('is the golden request: %s', async ([name, args, env], { rig }) => {
    const { wire, request, program, close } = await playServer(rig, args, { env });
    const hex = GOLDEN_SETUPS.find((row) => row.name === name)?.hex ?? '';
    expect(request?.toString('hex')).toBe(fromHex(hex).subarray(4).toString('hex'));
    wire.send(READY, exitedFrame(0));
    expect((await program.result).status).toBe(0);
    close();
  });

  test('names a container, a process’s directory and no user', async ({ rig }) => {
    const { wire, request, program, close } = await playServer(rig, ['--target_container=penguin', '--cwd=1234']);
    // vsh has no terminal here, and says so.
    const expected = setupFrame({ target: 'penguin', cwdPid: 1234, nopty: true });
    expect(request?.toString('hex')).toBe(expected.subarray(4).toString('hex'));
    wire.send(READY, exitedFrame(0));
    await program.result;
    close();
  });

  test('takes words of one “=” for variables, up to the first other word', async ({ rig }) => {
    const args = ['--', 'A=1', 'B=2', 'C=', 'D=4', 'lxc'];
    const { wire, request, program, close } = await playServer(rig, args, { env: { TERM: 'vt220' } });
    const env = { TERM: 'vt220', A: '1', B: '2' };
    const expected = setupFrame({ target: '/vm_shell', user: 'chronos', env, argv: ['C=', 'D=4', 'lxc'], nopty: true });
    expect(request?.toString('hex')).toBe(expected.subarray(4).toString('hex'));
    wire.send(READY, exitedFrame(0));
    await program.result;
    close();
  });

  test('is its stdin in frames of at most 4000 bytes, then one empty one', async ({ rig }) => {
    const input = Buffer.alloc(10_000, 'abc');
    const { wire, program, close } = await playServer(rig, ['cat'], { input });
    wire.send(READY);
    const sizes: number[] = [];
    const got: Buffer[] = [];
    for (;;) {
      const message = (await wire.next()) ?? Buffer.alloc(0);
      if (Buffer.concat([Buffer.from([message.length, 0, 0, 0]), message]).equals(golden('end of stdin'))) break;
      sizes.push(message.length);
      got.push(message);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4008);
    expect(got.reduce((sum, message) => sum + message.length, 0)).toBeGreaterThan(input.length);
    wire.send(exitedFrame(0));
    expect((await program.result).status).toBe(0);
    close();
  });

  test.for([
    ['SIGHUP', 'HUP'],
    ['SIGINT', 'INT'],
    ['SIGQUIT', 'QUIT'],
    ['SIGTERM', 'TERM'],
  ] as const)('is the signal it gets, and it stays: %s', async ([signal, name], { rig }) => {
    const { wire, program, close } = await playServer(rig, ['sleep']);
    wire.send(READY);
    await wire.next(); // the end of its stdin
    program.child.kill(signal);
    expect((await wire.next())?.toString('hex')).toBe(golden(name).subarray(4).toString('hex'));
    expect(program.child.exitCode).toBe(null);
    wire.send(exitedFrame(7));
    expect((await program.result).status).toBe(7);
    close();
  });
});

describe('what vsh makes of', () => {
  const codes: [string, number][] = [
    ['EXITED 0', 0],
    ['EXITED 42', 42],
    ['EXITED 127', 127],
    ['EXITED 255', 255],
    ['EXITED -1', 255],
  ];
  test.for(codes)('%s: exit status %i', async ([name, status], { rig }) => {
    const { wire, program, close } = await playServer(rig, ['x']);
    wire.send(golden('READY'), golden('stdout'), golden('end of stderr'), golden(name));
    expect(await program.result).toMatchObject({ status, stdout: 'hi\n', stderr: '' });
    close();
  });

  test('FAILED: its text, and 1', async ({ rig }) => {
    const { wire, program, close } = await playServer(rig, ['x']);
    wire.send(golden('FAILED'));
    expect(await program.result).toMatchObject({
      status: 1,
      stderr: 'vsh: cannot open a session: could not find user: bob\n',
    });
    close();
  });

  test('frames that come byte by byte, and many at once', async ({ rig }) => {
    const { wire, program, close } = await playServer(rig, ['x']);
    wire.socket.setNoDelay(true);
    for (const byte of Buffer.concat([golden('READY'), golden('stdout')])) {
      wire.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    wire.send(...Array.from({ length: 500 }, () => golden('stdout')), golden('EXITED 42'));
    expect(await program.result).toMatchObject({ status: 42, stdout: 'hi\n'.repeat(501) });
    close();
  });

  const lost: [string, readonly Buffer[], RegExp][] = [
    ['an end before EXITED', [], /the connection ended before the command did/],
    ['a frame of 4097 bytes', [frame(bytes(1, Buffer.alloc(4094)))], /longer than 4096/],
    ['a frame of 4 GiB', [Buffer.from('ffffffff', 'hex')], /longer than 4096/],
    ['garbage in a frame', [frame(Buffer.from('ffffffffffffffffffffff', 'hex'))], /none of its messages/],
    ['half a frame', [golden('EXITED 0').subarray(0, 9)], /ended before/],
    ['FAILED in the middle', [exitedFrame(0, 3, 'out of order')], /out of order/],
    ['UNKNOWN in the middle', [exitedFrame(0, 0, '')], /gave the session up/],
  ];
  test.for(lost)('%s: 123 and why', async ([, frames, reason], { rig }) => {
    const { wire, program, close } = await playServer(rig, ['x']);
    wire.send(golden('READY'), ...frames);
    wire.socket.end();
    const { status, stderr } = await program.result;
    expect({ status, stderr }).toEqual({ status: 123, stderr: expect.stringMatching(reason) });
    expect(stderr).toMatch(/^vsh: [^\n]*\n$/);
    close();
  });

  test('what it need not know: empty frames, other members, other streams, data behind the end', async ({ rig }) => {
    const { wire, program, close } = await playServer(rig, ['x']);
    const largest = frame(bytes(9, Buffer.alloc(4093)));
    expect(largest.length).toBe(4 + 4096);
    wire.send(
      golden('READY'),
      frame(),
      frame(number(77, 5), bytes(78, 'x')),
      largest,
      dataFrame(1, 'not mine'),
      dataFrame(9, 'nobody’s'),
      exitedFrame(0, 1, 'ready again'),
      dataFrame(3, ''),
      dataFrame(3, 'too late'),
      golden('EXITED 42'),
    );
    expect(await program.result).toMatchObject({ status: 42, stdout: '', stderr: '' });
    close();
  });
});

describe('what vshd makes of', () => {
  test('a golden request, to the last byte of its answer', async ({ vshd }) => {
    const wire = await vshd.connect();
    wire.send(fromHex(GOLDEN_SETUPS[1]?.hex ?? ''));
    const response = readResponse((await wire.next()) as Buffer);
    expect(response).toMatchObject({ status: 1, description: 'vsh ready' });
    expect(response.pid).toBeGreaterThan(1);
    await wire.rest();
    const raw = wire.raw().toString('hex');
    expect(raw.startsWith(responseFrame(1, 'vsh ready', response.pid).toString('hex'))).toBe(true);
    expect(raw).toContain(golden('stdout').toString('hex'));
    expect(raw.endsWith(golden('EXITED 0').toString('hex'))).toBe(true);
  });

  test('a user it does not know: the golden refusal', async ({ vshd }) => {
    const wire = await vshd.connect();
    wire.send(setupFrame({ target: '/vm_shell', user: 'bob' }));
    await wire.rest();
    expect(wire.raw().toString('hex')).toBe(golden('FAILED').toString('hex'));
  });

  const bad: [string, Buffer, RegExp | undefined][] = [
    ['a request of 4097 bytes', frame(bytes(1, Buffer.alloc(4094, 'x'))), /larger than 4096 bytes/],
    ['a request of 4 GiB', Buffer.from('ffffffff', 'hex'), /larger than 4096 bytes/],
    ['garbage', frame(Buffer.from('0a', 'hex')), /cannot be read/],
    ['a NUL in a word', setupFrame({ user: 'root', argv: ['a\0b'] }), /NUL/],
    ['a NUL in a user', setupFrame({ user: 'ro\0ot' }), /NUL/],
    ['a variable without a name', setupFrame({ user: 'root', env: { '': 'x' } }), /no name/],
    ['a variable called A=B', setupFrame({ user: 'root', env: { 'A=B': 'x' } }), /no name/],
    ['an empty command', setupFrame({ user: 'root', argv: [''] }), /'' is not a command/],
    ['a request that breaks off', setupFrame({ user: 'root' }).subarray(0, 6), undefined],
  ];
  test.for(bad)('%s', async ([, request, reason], { vshd }) => {
    const wire = await vshd.connect();
    wire.send(request);
    if (reason === undefined) wire.socket.end();
    const answers = await wire.rest();
    const expected = reason === undefined ? [] : [{ status: 3, description: expect.stringMatching(reason), pid: 0 }];
    expect(answers.map(readResponse)).toEqual(expected);
  });

  test('a request in single bytes, with fields it does not know and in another order', async ({ vshd }) => {
    const wire = await vshd.connect();
    wire.socket.setNoDelay(true);
    const request = frame(
      number(8, 1),
      bytes(5, 'echo'),
      number(99, 1),
      bytes(5, 'hi'),
      bytes(2, 'root'),
      bytes(1, '/vm_shell'),
    );
    for (const byte of request) wire.socket.write(Buffer.from([byte]));
    await wire.next();
    expect(await finish(wire)).toMatchObject({ stdout: 'hi\n', code: 0 });
  });

  test('a client of Fuchsia’s kind: no target, no user, no size, a resize first', async ({ vshd }) => {
    const wire: Wire = await vshd.open({ argv: ['/bin/sh', '-c', 'sleep 0.3; stty size; id -u'] });
    wire.send(fromHex('07000000 1a05 0832 108401'));
    expect(await finish(wire)).toMatchObject({ stdout: '50 132\r\n0\r\n', code: 0, ends: [] });
  });

  const harmless: [string, Buffer][] = [
    ['an empty frame', frame()],
    ['a member it does not know', frame(bytes(9, 'x'))],
    ['a signal that is none of the four', signalFrame(9)],
    ['a size without a terminal', fromHex('07000000 1a05 0832 108401')],
    ['READY', exitedFrame(0, 1, '')],
    ['a frame of 4096 bytes', frame(bytes(9, Buffer.alloc(4093)))],
  ];
  test.for(harmless)('%s in a session: nothing', async ([, message], { vshd }) => {
    const wire = await vshd.open({ target: '/vm_shell', nopty: true, argv: ['cat'] });
    wire.send(message, dataFrame(1, 'still here'), dataFrame(1, ''));
    expect(await finish(wire)).toMatchObject({ stdout: 'still here', code: 0 });
  });

  const fatal: [string, Buffer][] = [
    ['a frame of 4097 bytes', frame(bytes(1, Buffer.alloc(4094)))],
    ['garbage in a frame', frame(Buffer.from('0aff', 'hex'))],
    ['EXITED', exitedFrame(0)],
  ];
  test.for(fatal)('%s in a session: its end, and SIGHUP for the command', async ([, message], { vshd }) => {
    // No loop of short commands: dash loses a signal that comes while it makes a process.
    const script = 'exec 2>/dev/null; trap "echo hung up > $0; exit" HUP; sleep 60 & echo ready; wait';
    const file = `${vshd.socket}.hup`;
    const wire = await vshd.open({ target: '/vm_shell', nopty: true, argv: ['sh', '-c', script, file] });
    // The end of stderr comes first: a hang-up before the shell has said that it is ready would break its stdout as well.
    while (!(await wire.next())?.includes('ready')) expect(wire.socket.destroyed).toBe(false);
    wire.send(message);
    expect(await finish(wire)).toMatchObject({ code: undefined });
    await expect.poll(() => existsSync(file), { timeout: slow(10_000) }).toBe(true);
  });
});
