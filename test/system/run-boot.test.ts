import { readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type Rig, slow, test } from '../rig/index.js';

/** A tree whose init is BusyBox's. */
async function makeTree(rig: Rig): Promise<string> {
  await rig.ctrOk('bootstrap', 'web', '--template', 'busybox');
  return join(rig.stateDir, 'containers/web/rootfs');
}

/** Waits until something can be run inside. */
async function awaitUp(rig: Rig, name = 'box'): Promise<void> {
  await expect
    .poll(async () => (await rig.ctr(['enter', name, '--', 'test', '-e', '/run/utmp', '-o', '-e', '/proc/1'])).status)
    .toBe(0);
}

/** Busy hosts take their time. */
const patiently = <T>(look: () => T) => expect.poll(look, { timeout: slow(20_000) });

describe('run --boot', () => {
  test('is the tree’s own system, whose changes stay with the owners that they had', async ({ rig }) => {
    const tree = await makeTree(rig);
    const booted = rig.startCtr(['run', '--rootfs', tree, '--boot', '--name', 'box', '-e', 'WHO=me']);
    let said = '';
    booted.child.stdout?.on('data', (bytes) => {
      said += String(bytes);
    });
    await awaitUp(rig);
    expect(await rig.ctrOk('list')).toMatch(/^box\s.*running.*transient/m);
    expect(await rig.ctrOk('enter', 'box', '--', 'cat', '/proc/1/comm', '/proc/self/uid_map')).toMatch(
      /^init\n\s+0\s+[1-9]\d{5,}\s+65536\n$/,
    );
    expect(await rig.ctrOk('enter', 'box', '--', 'cat', '/proc/1/environ')).toMatch(/WHO=me/);
    await rig.ctrOk('enter', 'box', '--', 'touch', '/root/kept');
    await patiently(() => said).toMatch(/box login: /);
    await rig.ctrOk('enter', 'box', '--', 'poweroff');
    expect(await booted.result).toMatchObject({ status: 0 });
    expect(statSync(join(tree, 'root/kept'))).toMatchObject({ uid: 0, gid: 0 });
    expect(readdirSync(join(rig.runDir, 'containers'))).toEqual(['web']);
  });

  test('with --ephemeral leaves the tree as it was, and many run from it', async ({ rig }) => {
    const tree = await makeTree(rig);
    const before = readdirSync(join(tree, 'root'));
    const words = ['run', '--rootfs', tree, '--boot', '--ephemeral', '--name'];
    const [one, two] = ['one', 'two'].map((name) => rig.startCtr([...words, name]));
    for (const name of ['one', 'two']) {
      await awaitUp(rig, name);
      await rig.ctrOk('enter', name, '--', 'touch', '/root/gone');
    }
    await rig.ctrOk('stop', 'one', 'two');
    for (const run of [one, two]) expect((await run?.result)?.status).toBe(0);
    expect(readdirSync(join(tree, 'root'))).toEqual(before);
  });

  test('writes to a tree that no other writes to', async ({ rig }) => {
    const tree = await makeTree(rig);
    const booted = rig.startCtr(['run', '--rootfs', tree, '--boot', '--name', 'box']);
    await awaitUp(rig);
    const { status, stderr } = await rig.ctr(['run', '--rootfs', tree, '--boot']);
    expect({ status, stderr }).toEqual({
      status: 125,
      stderr: expect.stringMatching(/another system .*\nhint: --ephemeral/),
    });
    expect(await rig.ctrOk('destroy', 'box')).toBe("killed 'box'\n");
    expect((await booted.result).status).toBe(137);
  });

  test('boots again on a reboot, and ends in order on SIGTERM', async ({ rig }) => {
    const tree = await makeTree(rig);
    const booted = rig.startCtr(['run', '--rootfs', tree, '--boot', '--name', 'box']);
    await awaitUp(rig);
    const pidOf = async () => (JSON.parse(await rig.ctrOk('list', '--json')) as { pid: number }[])[0]?.pid;
    const first = await pidOf();
    await rig.ctrOk('enter', 'box', '--', 'reboot', '-f').catch(() => {});
    await patiently(pidOf).toSatisfy((pid) => pid !== undefined && pid !== first);
    await awaitUp(rig);
    booted.child.kill('SIGTERM');
    expect(await booted.result).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/going down/),
    });
  });

  test('has its console on the caller’s terminal, which ^] three times leaves', async ({ rig }) => {
    const tree = await makeTree(rig);
    const terminal = rig.terminal(['run', '--rootfs', tree, '--boot']);
    await terminal.waitFor('three times');
    await terminal.waitFor('login: ');
    terminal.type('\x1d\x1d');
    terminal.type('root\n');
    await terminal.waitFor('assword');
    terminal.type('\x1d\x1d\x1d');
    expect(await terminal.ended()).toBe(137);
    expect(readdirSync(join(rig.runDir, 'containers'))).toEqual(['web']);
  });

  test('gives init its arguments, and ends when its time is over', async ({ rig }) => {
    const tree = rig.makeRoot('echo "[$1][$2]"; while :; do sleep 1000 & wait; done\n');
    symlinkSync('../init', join(tree, 'sbin/init'));
    const words = ['run', '--rootfs', tree, '--boot', '--timeout', '3', '--', 'single', 'a b'];
    expect(await rig.ctr(words)).toMatchObject({ status: 124, stdout: expect.stringContaining('[single][a b]') });
  });

  test.for([
    [['run', '--boot'], /--rootfs DIR/],
    [['run', '--boot', '--rootfs', '/no/such/tree'], /'\/no\/such\/tree': it is not there/],
    [['run', '--boot', '--rootfs', '/proc/self/net', '-T'], /--no-tty/],
    [['run', '--boot', '--rootfs', '/usr', '--user', 'nobody'], /--user/],
    [['run', '--boot', '--rootfs', '/usr', '--workdir', '/tmp'], /--workdir/],
    [['run', '--ephemeral', '--', 'true'], /--ephemeral goes with --boot/],
    [['run'], /missing required argument 'command'/],
  ] as const)('refuses %j', async ([words, message], { rig }) => {
    const { status, stderr } = await rig.ctr([...words]);
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(message) });
  });
});
