import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, findLeaks, type Rig, slow, takeSnapshot, test } from '../rig/index.js';

/** Ends with this status on SIGTERM; says which other signals it gets. */
const CAREFUL_INIT = `
trap 'echo USR1 >> /signals' USR1
trap 'echo TERM >> /signals; exit 3' TERM
echo ready > /ready
while :; do sleep 3600 & wait; done
`;

async function define(rig: Rig, init: string, parts: { onReboot?: string; metadata?: string } = {}): Promise<string> {
  const root = rig.makeRoot(init);
  await rig.define(domainXml({ name: 'vm', rootfs: root, ...parts }));
  return root;
}

async function startReady(rig: Rig, root: string): Promise<void> {
  await rig.ctrOk('start', 'vm');
  await expect.poll(() => existsSync(join(root, 'ready'))).toBe(true);
}

describe('ctr stop', () => {
  test('sends SIGTERM to an init that handles it, and keeps its exit status', async ({ rig }) => {
    const root = await define(rig, CAREFUL_INIT);
    await startReady(rig, root);
    await rig.ctrOk('stop', 'vm');
    expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('TERM\n');
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped', exit: { status: 3, reason: 'stopped' } });
  });

  test('sends the signal of the configuration', async ({ rig }) => {
    const init = "trap 'echo USR1 > /signals; exit 0' USR1\necho ready > /ready\nwhile :; do sleep 3600 & wait; done\n";
    const root = await define(rig, init, { metadata: "<ctr:signal stop='USR1'/>" });
    await startReady(rig, root);
    await rig.ctrOk('stop', 'vm');
    expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('USR1\n');
  });

  test('lets BusyBox init shut down in order, within the grace period', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    await rig.ctrOk('stop', 'web');
    expect(await rig.info('web')).toMatchObject({ state: 'stopped', exit: { reason: 'stopped' } });
  });

  test('kills an init that ignores the signal once the time is over', async ({ rig }) => {
    const root = await define(rig, "trap 'echo not yet' TERM\necho ready > /ready\nwhile :; do sleep 1; done\n");
    await startReady(rig, root);
    const started = Date.now();
    await rig.ctrOk('stop', 'vm', '--timeout', '1');
    expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped', exit: { signal: 9 } });
  });

  test('kills at once an init that listens to no signal', async ({ rig }) => {
    const root = await define(rig, "trap '' TERM\necho ready > /ready\nwhile :; do sleep 1; done\n");
    await startReady(rig, root);
    await rig.ctrOk('stop', 'vm', '--timeout', '600');
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
  });

  test('--force kills at once', async ({ rig }) => {
    const root = await define(rig, CAREFUL_INIT);
    await startReady(rig, root);
    await rig.ctrOk('stop', 'vm', '--force');
    expect(existsSync(join(root, 'signals'))).toBe(false);
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
  });

  test('never sets off on_reboot', async ({ rig }) => {
    const init = "trap 'exec reboot -f' TERM\necho ready > /ready\nwhile :; do sleep 3600 & wait; done\n";
    const root = await define(rig, init, { onReboot: 'restart' });
    await startReady(rig, root);
    await rig.ctrOk('stop', 'vm');
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
  });

  test('of a container that does not run is an error', async ({ rig }) => {
    await define(rig, CAREFUL_INIT);
    const { status, stderr } = await rig.ctr(['stop', 'vm']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot stop 'vm': .*not running/);
  });

  test('returns when nothing of the container is left', async ({ rig }) => {
    await rig.bootstrap('web');
    const before = takeSnapshot(rig);
    await rig.ctrOk('start', 'web');
    await rig.ctrOk('stop', 'web');
    // What ended is kept: the exit record.
    const leaks = await findLeaks(before, rig, ['file']);
    expect(leaks).toEqual([]);
  });
});

describe('the end of init', () => {
  test('at once is told by start with its exit status, and is no hang', async ({ rig }) => {
    await define(rig, 'exit 42\n');
    const { timedOut } = await rig.ctr(['start', 'vm'], { timeoutMs: 10_000 });
    expect(timedOut).toBe(false);
    await expect.poll(() => rig.info('vm')).toMatchObject({ exit: { status: 42 } });
    expect(['stopped', 'crashed']).toContain((await rig.info('vm')).state);
  });

  test('20 containers in a row that end at once leave nothing and can start again', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    await define(rig, 'exit 0\n');
    for (let round = 0; round < 20; round += 1) {
      const { timedOut } = await rig.ctr(['start', 'vm'], { timeoutMs: 10_000 });
      expect({ round, timedOut }).toEqual({ round, timedOut: false });
      await expect.poll(async () => (await rig.info('vm')).state).not.toBe('running');
    }
  });

  test('by a signal is recorded with that signal', async ({ rig }) => {
    const root = await define(rig, CAREFUL_INIT);
    await startReady(rig, root);
    process.kill(Number((await rig.info('vm')).pid), 'SIGKILL');
    await expect.poll(() => rig.info('vm')).toMatchObject({ state: 'crashed', exit: { signal: 9 } });
  });

  test('takes every other process of the container with it', async ({ rig }) => {
    const root = await define(rig, '(sleep 4242 &) ; (sleep 4242 &) ; echo ready > /ready; read -r x; exit 0\n');
    await startReady(rig, root);
    await rig.ctrOk('destroy', 'vm');
    expect(processesNamed('sleep\x004242')).toEqual([]);
  });
});

describe('reboot(2) inside', () => {
  test('restarts the container where on_reboot says restart', async ({ rig }) => {
    const init = 'echo x >> /starts; echo ready > /ready; read -r go; reboot -f\n';
    const root = await define(rig, init, { onReboot: 'restart' });
    await startReady(rig, root);
    const { pid } = await rig.info('vm');
    const terminal = rig.terminal(['console', 'vm']);
    terminal.type('go\n');
    await expect.poll(() => readFileSync(join(root, 'starts'), 'utf8'), { timeout: slow(10_000) }).toBe('x\nx\n');
    await terminal.close();
    const after = await rig.info('vm');
    expect(after).toMatchObject({ state: 'running' });
    expect(after.pid).not.toBe(pid);
  });

  test('ends the container where on_reboot says destroy', async ({ rig }) => {
    const root = await define(rig, 'echo x >> /starts; reboot -f\n', { onReboot: 'destroy' });
    await rig.ctr(['start', 'vm']);
    await expect.poll(() => rig.info('vm')).toMatchObject({ state: 'stopped', exit: { reason: 'reboot' } });
    expect(readFileSync(join(root, 'starts'), 'utf8')).toBe('x\n');
  });

  test('with power off ends it as stopped', async ({ rig }) => {
    await define(rig, 'poweroff -f\n', { onReboot: 'restart' });
    await rig.ctr(['start', 'vm']);
    await expect.poll(() => rig.info('vm')).toMatchObject({ state: 'stopped', exit: { reason: 'poweroff' } });
  });
});

describe('commands at once', () => {
  test('of 8 starts of one container exactly one succeeds, the others say that it runs', async ({ rig }) => {
    await define(rig, CAREFUL_INIT);
    const results = await Promise.all(Array.from({ length: 8 }, () => rig.ctr(['start', 'vm'])));
    expect(results.filter(({ status }) => status === 0)).toHaveLength(1);
    for (const { stderr } of results.filter(({ status }) => status !== 0)) {
      expect(stderr).toMatch(/cannot start 'vm': .*(running|another command)/);
    }
    expect(processesNamed(`${rig.runDir}/containers/vm`).length).toBeLessThanOrEqual(1);
  });

  test('start and stop in any order end in a state that is one of theirs', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    await define(rig, CAREFUL_INIT);
    for (let round = 0; round < 10; round += 1) {
      const [start] = await Promise.all([rig.ctr(['start', 'vm']), rig.ctr(['stop', 'vm', '--force'])]);
      const { state } = await rig.info('vm');
      expect({ round, start: start.status, state }).toMatchObject({
        state: expect.stringMatching(/^(running|stopped)$/),
      });
      if (state === 'running') await rig.ctrOk('destroy', 'vm');
    }
  });

  test('the last container ends while another starts: what they share is there', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    const root = rig.makeRoot(CAREFUL_INIT);
    for (const name of ['one', 'two']) await rig.define(domainXml({ name, rootfs: root }));
    let [running, next] = ['one', 'two'];
    await rig.ctrOk('start', running);
    // The window is some 10 µs of the 2 ms that a destroy takes: each round tries another moment.
    for (let round = 0; round < 300; round += 1) {
      const destroyed = rig.ctrOk('destroy', running);
      const moment = performance.now() + Math.random() * 2.5;
      while (performance.now() < moment);
      const started = await rig.ctr(['start', next]);
      await destroyed;
      expect({ round, ...started }).toMatchObject({ round, status: 0, stderr: '' });
      [running, next] = [next, running];
    }
    await rig.ctrOk('destroy', running);
  });

  test('two stops at once: the container is stopped', async ({ rig }) => {
    const root = await define(rig, CAREFUL_INIT);
    await startReady(rig, root);
    const results = await Promise.all([rig.ctr(['stop', 'vm']), rig.ctr(['stop', 'vm'])]);
    expect(results.map(({ status }) => status)).toContain(0);
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
  });

  test('defining the same name twice at once makes one container', async ({ rig }) => {
    const root = rig.makeRoot();
    const file = rig.writeFile(
      'vm.xml',
      domainXml({ name: 'vm', rootfs: root }).replace('<memory', `<uuid>${UUID}</uuid><memory`),
    );
    const results = await Promise.all(Array.from({ length: 4 }, () => rig.ctr(['define', file])));
    expect(results.map(({ status }) => status)).toContain(0);
    expect(JSON.parse(await rig.ctrOk('list', '--all', '--json'))).toHaveLength(1);
  });
});

const UUID = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';

/** Command lines of living processes that contain this text. */
function processesNamed(text: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(text));
}
