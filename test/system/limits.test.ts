import {
  describe,
  domainXml,
  expect,
  lacksContainment,
  lacksController,
  projectRoot,
  type Rig,
  runContained,
  runProgram,
  slow,
  test,
} from '../rig/index.js';

async function start(rig: Rig, parts: { metadata?: string; memoryKiB?: number }): Promise<void> {
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), ...parts }));
  await rig.ctrOk('start', 'vm');
}

describe('limits', () => {
  test('memory: what takes more than the limit is killed, the container goes on', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await start(rig, { memoryKiB: 32 * 1024 });
    // dd takes its block from the heap, twice the limit.
    const { status } = await rig.ctr(['enter', 'vm', '--', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1']);
    expect(status).toBe(137);
    expect(await rig.ctrOk('enter', 'vm', '--', 'echo', 'alive')).toBe('alive\n');
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
  });

  test('pids: a fork bomb meets the limit, and the container can be destroyed', { timeout: slow(90_000) }, async ({
    rig,
    skip,
  }) => {
    const lack = lacksController('pids') ?? lacksContainment();
    if (lack !== undefined) skip(lack);
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), metadata: "<ctr:pids max='32'/>" }));
    const ctr = `${projectRoot}/bin/ctr`;
    // The last line is the number of processes while the bomb goes on: those of the container, of the pid namespace, and ps.
    const script = `
      ${ctr} start vm >/dev/null || exit 10
      timeout 20 ${ctr} enter vm -- sh -c 'while :; do sleep 1000 & done' 2>/dev/null &
      sleep 3
      ps -e | wc -l
      ${ctr} destroy vm >/dev/null || exit 11
    `;
    const { status, stdout, stderr } = await runContained(script, { pids: 400, deadlineSeconds: 60, env: rig.env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Number(stdout)).toBeGreaterThan(20);
    expect(Number(stdout)).toBeLessThan(64);
  });

  test('devices: a node of a disk cannot be opened, even when it is in the root', async ({ rig, skip }) => {
    const lack = lacksController('devices');
    if (lack !== undefined) skip(lack);
    const root = rig.makeRoot();
    const { status: made } = await runProgram(['mknod', `${root}/tmp/kmsg`, 'c', '1', '11']);
    expect(made).toBe(0);
    await rig.define(domainXml({ name: 'vm', rootfs: root }));
    await rig.ctrOk('start', 'vm');
    const { status, stderr } = await rig.ctr(['enter', 'vm', '--', 'dd', 'if=/tmp/kmsg', 'of=/dev/null', 'count=1']);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/not permitted/);
  });

  test('the cgroup of the container is the root of what it sees', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const groups = (await rig.ctrOk('enter', 'web', '--', 'cat', '/proc/1/cgroup')).trimEnd().split('\n');
    const ours = groups.filter((line) => /:(memory|pids|devices|freezer)[:,]/.test(line) || line.startsWith('0::'));
    expect(ours.length).toBeGreaterThan(0);
    for (const line of ours) expect(line).toMatch(/:\/$/);
  });
});
