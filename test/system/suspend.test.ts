import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { resume, suspend } from '../../src/index.js';
import { describe, domainXml, expect, type Rig, test } from '../rig/index.js';
import { startSpec, withoutV2 } from '../rig/spec.js';

/** Its file grows while it runs. */
const COUNTING = 'trap "exit 0" TERM\nwhile :; do echo -n x >> /tmp/count; usleep 1000; done\n';

async function startCounting(rig: Rig): Promise<() => number> {
  const root = rig.makeRoot(COUNTING);
  await rig.define(domainXml({ name: 'vm', rootfs: root }));
  await rig.ctrOk('start', 'vm');
  const count = () => sizeOf(`${root}/tmp/count`);
  // By then it handles its stop signal.
  await expect.poll(count).toBeGreaterThan(0);
  return count;
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const stateOf = async (rig: Rig) => (await rig.info('vm')).state;

describe('suspend and resume', () => {
  test('nothing runs in between, and all goes on where it was', async ({ rig }) => {
    const count = await startCounting(rig);
    expect(await rig.ctrOk('suspend', 'vm')).toBe("suspended 'vm'\n");
    const before = count();
    await sleep(50);
    expect(count()).toBe(before);
    expect(await stateOf(rig)).toBe('paused');
    expect(await rig.ctrOk('list')).toContain('paused');
    expect(await rig.ctrOk('resume', 'vm')).toBe("resumed 'vm'\n");
    expect(await stateOf(rig)).toBe('running');
    await expect.poll(count).toBeGreaterThan(before);
  });

  test('a paused one may be suspended again, a running one cannot be resumed', async ({ rig }) => {
    await startCounting(rig);
    const early = await rig.ctr(['resume', 'vm']);
    expect([early.status, early.stderr]).toEqual([1, "ctr: cannot resume 'vm': it is not paused\n"]);
    await rig.ctrOk('suspend', 'vm');
    await rig.ctrOk('suspend', 'vm');
    await rig.ctrOk('resume', '--all');
    expect(await rig.ctrOk('resume', '--all')).toBe('');
  });

  test('one that does not run can be neither', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    for (const verb of ['suspend', 'resume']) {
      const { status, stderr } = await rig.ctr([verb, 'vm']);
      expect([status, stderr]).toEqual([1, `ctr: cannot ${verb} 'vm': it is not running\nhint: ctr start vm\n`]);
    }
  });

  test('nobody enters a paused container', async ({ rig }) => {
    await startCounting(rig);
    await rig.ctrOk('suspend', 'vm');
    const { status, stderr } = await rig.ctr(['enter', 'vm', '--', 'true']);
    expect([status, stderr]).toEqual([125, "ctr: cannot enter 'vm': it is paused\nhint: ctr resume vm\n"]);
  });

  test.for(['stop', 'shutdown', 'destroy'])('%s ends a paused container', async (verb, { rig }) => {
    await startCounting(rig);
    await rig.ctrOk('suspend', 'vm');
    await rig.ctrOk(verb, 'vm');
    expect(await stateOf(rig)).toBe('stopped');
  });

  test('whose monitor is killed while it is paused leaves nothing behind', async ({ rig }) => {
    await startCounting(rig);
    await rig.ctrOk('suspend', 'vm');
    process.kill(Number((await rig.info('vm')).monitorPid), 'SIGKILL');
    await expect.poll(() => stateOf(rig)).toBe('crashed');
    await rig.ctrOk('gc');
    await rig.ctrOk('start', 'vm');
    expect(await stateOf(rig)).toBe('running');
  });

  test('whose monitor is told to end while it is paused ends', async ({ rig }) => {
    await startCounting(rig);
    await rig.ctrOk('suspend', 'vm');
    process.kill(Number((await rig.info('vm')).monitorPid), 'SIGTERM');
    await expect.poll(() => stateOf(rig)).toBe('stopped');
  });

  test('by the library', async ({ rig }) => {
    const count = await startCounting(rig);
    const { stateDir, runDir } = rig;
    await suspend('vm', { stateDir, runDir });
    const before = count();
    await expect(resume('nobody', { stateDir, runDir })).rejects.toMatchObject({ code: 'CTR_NOT_FOUND' });
    await resume('vm', { stateDir, runDir });
    await expect(resume('vm', { stateDir, runDir })).rejects.toMatchObject({ code: 'CTR_NOT_PAUSED' });
    await expect.poll(count).toBeGreaterThan(before);
  });
});

/** As on a host where v1 alone freezes. */
describe('by the freezer of cgroup v1', () => {
  test('nothing runs in between; a kill wakes it up to die', async ({ rig, skip }) => {
    const hasFreezer = /^freezer\s+[1-9]/m.test(readFileSync('/proc/cgroups', 'utf8'));
    const isMounted = / cgroup .*\bfreezer\b/.test(readFileSync('/proc/mounts', 'utf8'));
    if (!hasFreezer || !isMounted) skip("needs cgroup v1's controller 'freezer'");
    const root = rig.makeRoot(COUNTING);
    await startSpec(rig, { name: 'vm', rootfs: root }, withoutV2);
    const count = () => sizeOf(`${root}/tmp/count`);
    await rig.ctrOk('suspend', 'vm');
    const before = count();
    await sleep(50);
    expect(count()).toBe(before);
    expect(await stateOf(rig)).toBe('paused');
    await rig.ctrOk('resume', 'vm');
    await expect.poll(count).toBeGreaterThan(before);
    await rig.ctrOk('suspend', 'vm');
    await rig.ctrOk('destroy', 'vm');
    expect(await stateOf(rig)).toBe('stopped');
  });
});
