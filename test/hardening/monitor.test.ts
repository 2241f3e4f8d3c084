/** The monitor against what it holds, against users of the host, and against bytes. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DETACH, describe, expect, lacksProgram, type Rig, runProgram, slow, test } from '../rig/index.js';
import { asUser, inside, startVm, startWeb } from './box.js';

const HELLO = frame(1, [1, 0, 0, 0]);
const MOST_CLIENTS = 16;

/** A frame of docs/monitor-protocol.md. `length` may be a lie. */
function frame(type: number, payload: readonly number[] = [], length = payload.length + 1): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32LE(length >>> 0);
  header[4] = type;
  return Buffer.concat([header, Buffer.from(payload)]);
}

/** What a client may say, but that which ends the container. */
const VALID = Buffer.concat([
  frame(14, [2]),
  frame(2, [0, 0, 24, 0, 80, 0]),
  frame(4, [30, 0, 90, 0]),
  frame(3, [0x61, 0x62]),
  frame(14, [0]),
  frame(3, [0x63]),
  frame(13),
]);

/** The same with one byte, or one length, changed; never into a request to end. */
function mutate(bytes: Buffer, seed: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = (seed * 7) % copy.length;
  copy[at] = (seed * 31) % 256;
  for (let next = 0; next + 5 <= copy.length; next += 1)
    if (copy[next + 4] === 6 || copy[next + 4] === 7) copy[next + 4] = 4;
  return copy;
}

const socketOf = (rig: Rig, name: string) => join(rig.runDir, 'containers', name, 'monitor.sock');

/** Connects. While the queue of the socket is full the kernel says EAGAIN: the monitor then gets so many tries to catch up. */
async function open(path: string, tries = 200): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || tries <= 1) throw error;
    await delay(5);
    return open(path, tries - 1);
  }
}

/** Sends these bytes and returns all that comes back until the connection ends, or has been silent for `silenceMs`. */
async function talk(path: string, bytes: Uint8Array, silenceMs = 5000): Promise<{ said: Buffer; closed: boolean }> {
  const socket = await open(path);
  const chunks: Buffer[] = [];
  socket.write(bytes);
  const closed = await new Promise<boolean>((resolve) => {
    let timer = setTimeout(() => resolve(false), silenceMs);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(() => resolve(false), silenceMs);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  socket.destroy();
  return { said: Buffer.concat(chunks), closed };
}

/** Types of the frames in an answer. */
function typesOf(said: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 5 <= said.length; at += 4 + said.readUInt32LE(at)) types.push(said[at + 4] ?? 0);
  return types;
}

function memoryOf(pid: unknown): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

const descriptorsOf = (pid: unknown) => readdirSync(`/proc/${pid}/fd`).length;

describe('the monitor', () => {
  test('S13 is out of reach of signals from inside', async ({ rig }) => {
    await startWeb(rig);
    const { pid, monitorPid } = await rig.info('web');
    const { text } = await inside(
      rig,
      'web',
      `kill -9 -1; kill -9 ${monitorPid} ${pid}; kill -9 1; ls -d /proc/[0-9]*`,
    );
    expect(text).not.toContain(`/proc/${monitorPid}\n`);
    expect(await rig.info('web')).toMatchObject({ state: 'running', pid, monitorPid });
    expect((await inside(rig, 'web', 'echo alive')).text).toBe('alive\n');
  });

  test('S14 shows nothing to the user of the host that has its container’s ids', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    await startWeb(rig);
    const { pid, monitorPid } = await rig.info('web');
    const mapped = statSync(`/proc/${pid}`).uid;
    expect(mapped).toBeGreaterThanOrEqual(65536);
    for (const uid of [mapped, 65534]) {
      for (const file of ['environ', 'maps', 'mem', 'exe', 'root', 'cwd', 'fd']) {
        const read = ['sh', '-c', `ls /proc/${monitorPid}/${file}/ || head -c 1 /proc/${monitorPid}/${file}`];
        const { status, stdout } = await runProgram(asUser(uid, read));
        expect({ uid, file, status, stdout }).toEqual({ uid, file, status: expect.toSatisfy(Boolean), stdout: '' });
      }
      const kill = await runProgram(asUser(uid, ['kill', '-0', String(monitorPid)]));
      expect(kill.status).not.toBe(0);
    }
    // Two locks: it is undumpable, and root's. Only without both are the files above open; of the first, nothing shows from outside.
    expect(readFileSync(`/proc/${monitorPid}/status`, 'utf8')).toMatch(/^Uid:(\s+0){4}$/m);
  });

  test('S15 has no socket but one with a path, which only root reaches', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    const abstract = () => new Set(readFileSync('/proc/net/unix', 'utf8').match(/ @.*$/gm) ?? []);
    const before = abstract();
    await startVm(rig, { features: '<features/>' });
    expect([...abstract()].filter((name) => !before.has(name))).toEqual([]);
    const path = socketOf(rig, 'vm');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    // The network of the host shows the name; the file is not there.
    const { text } = await inside(rig, 'vm', `ls ${path}; grep -c ' @.*ctr' /proc/net/unix`);
    expect(text).toContain('No such file');
    expect(text).toMatch(/^0$/m);
    const script = `require('net').connect(${JSON.stringify(path)}).on('error', (e) => console.log(e.code)).on('connect', () => console.log('open'))`;
    const { stdout } = await runProgram(asUser(65534, [process.execPath, '-e', script]));
    expect(stdout).toBe('EACCES\n');
  });

  test('S16 ends connections that break the protocol, and nothing else', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    await startVm(rig, { init: 'stty -echo; while read -r line; do echo "got $line"; done\n' });
    const { pid, monitorPid } = await rig.info('vm');
    const path = socketOf(rig, 'vm');
    const memory = memoryOf(monitorPid);
    const descriptors = descriptorsOf(monitorPid);
    const wrong: [string, Buffer][] = [
      ['a length of all ones', frame(1, [], 0xffffffff)],
      ['no length', frame(1, [], 0)],
      ['one too many', Buffer.concat([HELLO, frame(2, [0, 0, 24, 0, 80, 0]), frame(3, [], 65538)])],
      ['a type that is the server’s', Buffer.concat([HELLO, frame(8, [1])])],
      ['type 0', frame(0)],
      ['type 255', Buffer.concat([HELLO, frame(255)])],
      ['no HELLO first', frame(7)],
      ['a HELLO of 3 bytes', frame(1, [1, 0, 0])],
      ['KILL with a payload', Buffer.concat([HELLO, frame(7, [1])])],
      ['STOP without one', Buffer.concat([HELLO, frame(6)])],
      ['input without a console', Buffer.concat([HELLO, frame(3, [65])])],
      ['WRITE without a wish', Buffer.concat([HELLO, frame(14)])],
      ['WRITE with two', Buffer.concat([HELLO, frame(14, [1, 1])])],
      ['ROLE, which is the server’s', Buffer.concat([HELLO, frame(15, Array(9).fill(0))])],
      ['a request of another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ];
    for (const [what, bytes] of wrong) {
      const { said, closed } = await talk(path, bytes);
      expect({ what, closed, last: typesOf(said).at(-1) }).toEqual({ what, closed: true, last: 11 });
    }
    const refused: [string, Buffer][] = [
      ['a console that is not there', frame(2, [9, 0, 0, 0, 0, 0])],
      ['a size without a console', frame(4, [1, 0, 1, 0])],
      ['a signal that is none', frame(5, [0xff, 0xff, 0xff, 0xff])],
      ['a wish that is none', frame(14, [3])],
    ];
    for (const [what, bytes] of refused) {
      const { said, closed } = await talk(path, Buffer.concat([HELLO, bytes]), 500);
      expect({ what, closed, types: typesOf(said) }).toEqual({ what, closed: false, types: [1, 11] });
    }
    for (let length = 0; length < 11; length += 1) {
      const socket = await open(path);
      socket.end(Buffer.concat([HELLO, frame(2, [0, 0, 24, 0, 80, 0])]).subarray(0, length));
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    for (let round = 0; round < 600; round += 1) {
      const socket = await open(path);
      const bytes = round % 3 === 2 ? mutate(VALID, round) : randomBytes(round % 200);
      socket.end(Buffer.concat([round % 3 === 0 ? Buffer.alloc(0) : HELLO, bytes]));
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(await rig.info('vm')).toMatchObject({ state: 'running', pid, monitorPid });
    await expect.poll(() => descriptorsOf(monitorPid)).toBe(descriptors);
    expect(memoryOf(monitorPid) - memory).toBeLessThan(1024 * 1024);
  });

  test('S16 serves its next client after a thousand that said nothing', { timeout: slow(120_000) }, async ({ rig }) => {
    await startVm(rig, { init: 'stty -echo; while read -r line; do echo "got $line"; done\n' });
    const { monitorPid } = await rig.info('vm');
    const path = socketOf(rig, 'vm');
    const memory = memoryOf(monitorPid);
    const idle: Socket[] = [];
    for (let round = 0; round < 1000; round += 1) {
      idle.push(await open(path));
      // Always more than the monitor has places for.
      if (idle.length > 2 * MOST_CLIENTS) idle.shift()?.destroy();
    }
    expect(descriptorsOf(monitorPid)).toBeLessThan(64);
    expect(memoryOf(monitorPid) - memory).toBeLessThan(1024 * 1024);
    const terminal = rig.terminal(['console', 'vm']);
    await delay(300);
    terminal.type('hello\n');
    await terminal.waitFor('got hello');
    terminal.type(DETACH);
    await terminal.ended();
    for (const socket of idle) socket.destroy();
    await rig.ctrOk('stop', 'vm', '--force');
  });
});
