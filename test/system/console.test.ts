import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DETACH, describe, domainXml, expect, lacksProgram, lacksSpeed, type Rig, slow, test } from '../rig/index.js';

/** Bytes a console log may take with its rotated copies. */
const LOG_BOUND = 16 * 1024 * 1024;

async function startWithInit(rig: Rig, script: string): Promise<string> {
  const root = rig.makeRoot(script);
  await rig.define(domainXml({ name: 'vm', rootfs: root }));
  await rig.ctrOk('start', 'vm');
  return root;
}

async function waitForFile(file: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + slow(timeoutMs);
  while (!existsSync(file)) {
    if (Date.now() > deadline) throw new Error(`${file} did not appear within ${timeoutMs} ms`);
    await delay(50);
  }
}

describe('ctr console', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
  });

  test('logs in with the password that bootstrap printed, and ^] detaches', async ({ rig }) => {
    const { user, password } = await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const terminal = rig.terminal(['console', 'web']);
    await terminal.waitFor(/login: /);
    terminal.type(`${user}\n`);
    await terminal.waitFor(/[Pp]assword: /);
    terminal.type(`${password}\n`);
    await terminal.waitFor(/[#$] $/);
    terminal.type('echo answer-$((6 * 7)); tty\n');
    await terminal.waitFor('answer-42');
    await terminal.waitFor(/\/dev\/(console|tty1|pts\/0)/);
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
    expect(await rig.info('web')).toMatchObject({ state: 'running' });
  });

  test('leaves the modes of the terminal as they were', async ({ rig }) => {
    await startWithInit(rig, 'echo hello; while :; do sleep 3600; done\n');
    const terminal = rig.terminal(['console', 'vm'], { before: 'stty -g', after: 'stty -g' });
    const modes = /[0-9a-f]+(?::[0-9a-f]+){5,}/;
    const before = modes.exec(await terminal.waitFor(modes))?.[0];
    await terminal.waitFor('hello');
    terminal.type(DETACH);
    const after = modes.exec(await terminal.waitFor(modes))?.[0];
    expect(after).toBe(before);
    expect(await terminal.ended()).toBe(0);
  });

  test('shows a late viewer the tail of what was said', async ({ rig }) => {
    const root = await startWithInit(
      rig,
      'i=0; while [ $i -lt 200 ]; do echo line-$i; i=$((i+1)); done; touch /done; sleep 3600\n',
    );
    await waitForFile(join(root, 'done'), 10_000);
    const terminal = rig.terminal(['console', 'vm']);
    await terminal.waitFor('line-199');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
  });

  test('gives the container the size of the window', async ({ rig }) => {
    await startWithInit(rig, 'while read -r line; do stty size; done\n');
    const terminal = rig.terminal(['console', 'vm']);
    await delay(300);
    terminal.type('go\n');
    await terminal.waitFor('24 80');
    terminal.type(DETACH);
    await terminal.ended();
  });

  test('ends when the container ends', async ({ rig }) => {
    await startWithInit(rig, 'read -r line; echo bye; exit 0\n');
    const terminal = rig.terminal(['console', 'vm']);
    await delay(300);
    terminal.type('go\n');
    await terminal.waitFor('bye');
    expect(await terminal.ended()).toBe(0);
  });

  test('a viewer that hangs up does not disturb the container', async ({ rig }) => {
    await startWithInit(rig, 'while :; do echo tick; sleep 1; done\n');
    const terminal = rig.terminal(['console', 'vm']);
    await terminal.waitFor('tick');
    await terminal.close();
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
    expect(await rig.ctrOk('enter', 'vm', '--', 'echo', 'alive')).toBe('alive\n');
  });

  test('reaches a second console by name', async ({ rig }) => {
    const root = rig.makeRoot('echo second > /dev/tty2; sleep 3600\n');
    await rig.define(domainXml({ name: 'vm', rootfs: root, consoles: 2 }));
    await rig.ctrOk('start', 'vm');
    const terminal = rig.terminal(['console', 'vm', '--devname', 'console1']);
    await terminal.waitFor('second');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
  });
});

describe('a console nobody looks at', () => {
  test('never blocks the container: 100 MB pass, and the log stays within its limit', {
    timeout: slow(180_000),
  }, async ({ rig, skip }) => {
    const lack = lacksSpeed();
    if (lack !== undefined) skip(lack);
    const root = await startWithInit(rig, 'yes 0123456789abcdef | head -c 100000000; touch /done; sleep 3600\n');
    await waitForFile(join(root, 'done'), 150_000);
    const folder = join(rig.stateDir, 'containers/vm');
    const logs = readdirSync(folder).filter((name) => name.startsWith('console0.log'));
    const sizes = logs.map((name) => statSync(join(folder, name)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(1000);
    expect(total).toBeLessThanOrEqual(LOG_BOUND);
  });

  test('a viewer that has stopped reading does not block it either', { timeout: slow(120_000) }, async ({ rig }) => {
    const root = await startWithInit(
      rig,
      'read -r go; yes 0123456789abcdef | head -c 20000000; touch /done; sleep 3600\n',
    );
    const stuck = rig.terminal(['console', 'vm']);
    await delay(300);
    stuck.type('go\n');
    await stuck.waitFor('0123456789abcdef');
    stuck.pause();
    await waitForFile(join(root, 'done'), 90_000);
    await stuck.close();
  });

  test('its output is there for ctr logs', async ({ rig }) => {
    await startWithInit(rig, 'echo to-the-log; sleep 3600\n');
    await expect.poll(() => rig.ctrOk('logs', 'vm')).toContain('to-the-log');
  });
});
