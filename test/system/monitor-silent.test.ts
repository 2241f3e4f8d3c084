/** A monitor that does not answer, or cannot be reached: what does not need it works, and what does says so. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type Rig, test } from '../rig/index.js';

async function expectManageable(rig: Rig, reason: string): Promise<void> {
  const listed = await rig.ctr(['list'], { timeoutMs: 2000 });
  expect(listed).toMatchObject({ status: 0, timedOut: false, stdout: expect.stringMatching(/web +running/) });
  expect(await rig.ctrOk('enter', 'web', '--', 'echo', 'inside')).toBe('inside\n');
  expect(await rig.ctr(['console', 'web'])).toMatchObject({ status: 1, stderr: expect.stringContaining(reason) });
  await rig.ctrOk('stop', 'web', '--timeout', '1');
  expect((await rig.info('web')).state).not.toBe('running');
  // Nothing is in the way of the next one.
  await rig.ctrOk('start', 'web');
  expect(await rig.ctrOk('enter', 'web', '--', 'echo', 'again')).toBe('again\n');
}

describe('a container', () => {
  test('whose monitor is stopped can be listed, entered and stopped', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    process.kill(Number((await rig.info('web')).monitorPid), 'SIGSTOP');
    await expectManageable(rig, "cannot attach to console 0 of 'web': its monitor does not answer");
  });

  test('whose monitor has lost its socket as well', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    rmSync(join(rig.runDir, 'containers/web/monitor.sock'));
    await expectManageable(rig, "cannot attach to console 0 of 'web': somebody has removed its monitor's socket");
  });
});
