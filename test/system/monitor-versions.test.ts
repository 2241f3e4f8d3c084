/** An older monitor under a newer ctr, and the other way round: both stay usable. */
import { renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DETACH, describe, domainXml, expect, lacksProgram, type Rig, test } from '../rig/index.js';
import { frame, onFrames, TYPES, version } from '../rig/monitor-frames.js';

/** What version 1 had: docs/monitor-protocol.md. */
const OF_VERSION_1 = new Set<number>([1, 2, 3, 4, 5, 6, 7, 13]);

const socketOf = (rig: Rig) => join(rig.runDir, 'containers/vm/monitor.sock');

async function startVm(rig: Rig): Promise<void> {
  const init = 'stty -echo; while read -r line; do echo "got $line"; done\n';
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(init) }));
  await rig.ctrOk('start', 'vm');
}

/** A server as that of version 1, by hand: it ends a connection that sends what it does not know. */
function serveAsVersion1(path: string): {
  readonly seen: number[];
  readonly typed: () => string;
  readonly close: () => void;
} {
  const seen: number[] = [];
  let typed = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onFrames(socket, (type, payload) => {
      seen.push(type);
      if (!OF_VERSION_1.has(type)) socket.end(frame(TYPES.ERROR, 'a frame has a wrong length or an unknown type'));
      else if (type === TYPES.HELLO) socket.write(version(1));
      else if (type === TYPES.ATTACH)
        socket.write(Buffer.concat([frame(TYPES.OK), frame(TYPES.OUTPUT, 'old output\r\n')]));
      else if (type === TYPES.INPUT) {
        typed += payload.toString();
        socket.write(frame(TYPES.OUTPUT, `echo of ${payload.toString()}`));
      }
    });
  });
  server.listen(path);
  return { seen, typed: () => typed, close: () => server.close() };
}

describe('a monitor of version 1', () => {
  test.for([[], ['--take'], ['--watch']])('is joined by this ctr [%s]', async (options, { rig, skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
    await startVm(rig);
    const own = `${socketOf(rig)}.own`;
    renameSync(socketOf(rig), own);
    const old = serveAsVersion1(socketOf(rig));
    try {
      const terminal = rig.terminal(['console', ...options, 'vm']);
      await terminal.waitFor('old output');
      terminal.type('hi\n');
      if (options.includes('--watch')) await delay(500);
      else await terminal.waitFor('echo of hi');
      terminal.type(DETACH);
      expect(await terminal.ended()).toBe(0);
      expect(old.typed()).toBe(
        options.includes('--watch') ? '' : 'hi\r'.replace('\r', old.typed().endsWith('\n') ? '\n' : '\r'),
      );
      expect(old.seen.filter((type) => !OF_VERSION_1.has(type))).toEqual([]);
    } finally {
      old.close();
      renameSync(own, socketOf(rig));
    }
    await rig.ctrOk('stop', 'vm', '--force');
  });
});

describe('a client of version 1', () => {
  test('attaches, types, resizes and stops, and hears nothing that it does not know', async ({ rig }) => {
    await startVm(rig);
    const types: number[] = [];
    let said = '';
    const socket = connect(socketOf(rig));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    onFrames(socket, (type, payload) => {
      types.push(type);
      if (type === TYPES.OUTPUT) said += payload.toString();
    });
    socket.write(
      Buffer.concat([version(1), frame(TYPES.ATTACH, [0, 0, 24, 0, 80, 0]), frame(TYPES.RESIZE, [30, 0, 90, 0])]),
    );
    socket.write(frame(TYPES.INPUT, 'hello\n'));
    await expect.poll(() => said).toContain('got hello');
    const second = connect(socketOf(rig));
    second.write(Buffer.concat([version(1), frame(TYPES.ATTACH, [0, 0, 0, 0, 0, 0])]));
    second.resume();
    await delay(200);
    second.destroy();
    socket.write(frame(TYPES.KILL));
    await closed;
    expect(types.filter((type) => type > 13)).toEqual([]);
    expect(types).toContain(TYPES.OK);
    expect(types.at(-1)).toBe(10);
  });
});
