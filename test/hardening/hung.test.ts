/** A file system that never answers, and who must not wait for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { domainXml, expect, runProgram, slow, test } from '../rig/index.js';
import { installProgram } from './box.js';

test('S39 a source that never answers holds up its own container alone', { timeout: slow(90_000) }, async ({
  rig,
  skip,
}) => {
  if (!existsSync('/dev/fuse')) skip('needs FUSE (/dev/fuse)');
  installProgram(rig.scratch, 'hung-mount', skip);
  const dir = join(rig.scratch, 'hung');
  mkdirSync(dir);
  const devices = `<filesystem type='mount'><source dir='${dir}'/><target dir='/data'/></filesystem>`;
  await rig.define(domainXml({ name: 'slow', rootfs: rig.makeRoot(), devices }));
  await rig.define(domainXml({ name: 'other', rootfs: rig.makeRoot() }));
  const server = spawn(join(rig.scratch, 'hung-mount'), [dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [said] = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
    if (String(said) !== 'mounted\n') skip('needs a kernel that mounts FUSE for root');
    const slow = rig.startCtr(['start', 'slow'], { timeoutMs: 60_000 });
    let ended = false;
    void slow.result.then(() => {
      ended = true;
    });
    await delay(1500);
    expect(ended).toBe(false);
    const quick = (...args: string[]) => rig.ctr(args, { timeoutMs: 15_000 });
    expect(await quick('start', 'other')).toMatchObject({ status: 0, timedOut: false });
    expect(await quick('list', '--all')).toMatchObject({ status: 0, timedOut: false });
    expect(await quick('enter', 'other', '--', 'true')).toMatchObject({ status: 0, timedOut: false });
    expect(
      await quick('define', rig.writeFile('third.xml', domainXml({ name: 'third', rootfs: rig.makeRoot() }))),
    ).toMatchObject({
      status: 0,
      timedOut: false,
    });
    expect(await quick('destroy', 'other')).toMatchObject({ status: 0, timedOut: false });
    expect(ended).toBe(false);
    server.stdin.end();
    // The connection is gone, and whoever waited for it hears so.
    expect((await slow.result).status).not.toBeNull();
  } finally {
    server.kill('SIGKILL');
    await runProgram(['umount', '-l', dir]);
  }
  await rig.ctr(['destroy', 'slow']);
});
