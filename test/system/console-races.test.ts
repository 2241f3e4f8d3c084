/** What `ctr console` makes of a monitor whose words come at the worst moment: the test is that monitor. */
import { readFileSync, renameSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ctrProgram, describe, domainXml, expect, type Rig, runProgram, slow, test } from '../rig/index.js';
import { frame, onFrames, TYPES, version } from '../rig/monitor-frames.js';
import { startProgram } from '../rig/run-program.js';

const TICKS_PER_SECOND = 100;

/** Answers a client's ATTACH, and then does what the test says with its input. */
async function withMonitor<T>(
  rig: Rig,
  hooks: { attached?: (socket: Socket) => void; typed?: (socket: Socket, payload: string) => void },
  body: () => Promise<T>,
): Promise<T> {
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
  await rig.ctrOk('start', 'vm');
  const path = join(rig.runDir, 'containers/vm/monitor.sock');
  renameSync(path, `${path}.real`);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onFrames(socket, (type, payload) => {
      if (type === TYPES.HELLO) socket.write(version(2));
      else if (type === TYPES.WRITE) socket.write(frame(TYPES.OK));
      else if (type === TYPES.ATTACH) {
        socket.write(Buffer.concat([frame(TYPES.OK), role(1, 1)]));
        hooks.attached?.(socket);
      } else if (type === TYPES.INPUT) hooks.typed?.(socket, payload.toString());
    });
  });
  server.listen(path);
  try {
    return await body();
  } finally {
    server.close();
    renameSync(`${path}.real`, path);
  }
}

const EXIT = frame(TYPES.EXIT, [0, 0, 0, 0]);

/** The last of a monitor: it ends with what it has not read. */
const say = (socket: Socket, ...frames: Buffer[]) => socket.write(Buffer.concat(frames), () => socket.destroy());

const role = (writes: number, pid: number) => frame(TYPES.ROLE, [writes, pid, 0, 0, 0, 0, 0, 0, 0]);

describe('ctr console', () => {
  test('shows the last words of a container that ends while it is typed at', async ({ rig }) => {
    await withMonitor(
      rig,
      {
        typed: (socket) => {
          // What is typed from here on fills the socket, and then meets its end.
          socket.pause();
          setTimeout(() => say(socket, frame(TYPES.OUTPUT, 'last words\r\n'), EXIT), 500);
        },
      },
      async () => {
        const typist = `yes | "$1" console vm`;
        const { status, stdout, stderr } = await runProgram(['sh', '-c', typist, 'sh', ctrProgram], { env: rig.env });
        expect({ status, stdout, stderr }).toEqual({
          status: 0,
          stdout: 'last words\r\n',
          stderr: expect.stringContaining("container 'vm' stopped"),
        });
      },
    );
  });

  test('refuses a script whose words came just after somebody had taken the console over', async ({ rig }) => {
    await withMonitor(
      rig,
      // The first tells of the other, the second answers what was typed.
      { typed: (socket) => socket.write(Buffer.concat([role(0, 77), role(0, 77)])) },
      async () => {
        const typed = ['sh', '-c', `echo from-a-script | "$1" console vm`, 'sh', ctrProgram];
        const { status, stderr } = await runProgram(typed, { env: rig.env });
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: expect.stringContaining('another process types there'),
        });
      },
    );
  });

  test('goes on when somebody takes over what a script has done with', async ({ rig }) => {
    await withMonitor(rig, { typed: (socket) => socket.write(role(0, 77)) }, async () => {
      const typed = ['sh', '-c', `echo from-a-script | "$1" console vm`, 'sh', ctrProgram];
      expect((await runProgram(typed, { env: rig.env })).status).toBe(0);
    });
  });

  test('takes no processor time while it waits for its reader behind a monitor that has gone', async ({ rig }) => {
    const output = Array.from({ length: 40 }, () => frame(TYPES.OUTPUT, 'x'.repeat(4096)));
    await withMonitor(rig, { attached: (socket) => say(socket, ...output, EXIT) }, async () => {
      const pid = join(rig.scratch, 'pid');
      const script = `{ "$1" console vm & echo $! > "$2"; wait; } | (sleep ${slow(3)}; wc -c)`;
      const { result } = startProgram(['sh', '-c', script, 'sh', ctrProgram, pid], { env: rig.env });
      await delay(slow(1000));
      const used = () => {
        const stat = readFileSync(`/proc/${readFileSync(pid, 'utf8').trim()}/stat`, 'utf8')
          .split(') ')[1]
          ?.split(' ');
        return Number(stat?.[11]) + Number(stat?.[12]);
      };
      const before = used();
      await delay(1000);
      expect(used() - before).toBeLessThan(TICKS_PER_SECOND / 10);
      expect((await result).stdout.trim()).toBe('163840');
    });
  });
});
