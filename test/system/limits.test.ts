import { existsSync } from 'node:fs';
import {
  describe,
  domainXml,
  expect,
  lacksContainment,
  lacksController,
  lacksDeviceRules,
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
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), metadata: "<ctr:pids max='64'/>" }));
    await rig.define(domainXml({ name: 'other', rootfs: rig.makeRoot() }));
    const ctr = `${projectRoot}/bin/ctr`;
    // While the bomb goes on: info tells of the limit, another container lives, so does the monitor, and no more than the limit are there.
    const script = `
      ${ctr} start vm other >/dev/null || exit 10
      timeout 20 ${ctr} enter vm -- sh -c 'while :; do sleep 1000 & done' 2>/dev/null &
      for i in $(seq 50); do ${ctr} info vm | grep -q '^limit hit .*pids, ' && echo hit && break; sleep 0.2; done
      ${ctr} enter other -- echo alive || exit 12
      ${ctr} info vm | sed -n 's/^state *//p'
      ${ctr} info vm | sed -n 's/^pids *\\([0-9]*\\),.*/\\1/p'
      ${ctr} destroy vm other >/dev/null || exit 11
    `;
    const { status, stdout, stderr } = await runContained(script, { pids: 400, deadlineSeconds: 60, env: rig.env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [hit, said, state, count] = stdout.split('\n');
    expect([hit, said, state]).toEqual(['hit', 'alive', 'running']);
    expect(Number(count)).toBeGreaterThan(50);
    expect(Number(count)).toBeLessThanOrEqual(64);
  });

  test('a memory bomb at 64 MiB ends with its container, or is held; another goes on', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await rig.define(domainXml({ name: 'other', rootfs: rig.makeRoot() }));
    // The bomb is init itself; its reader waits, so that all of it is held in the heap.
    const bomb = 'sleep 0.3\nexec tail /dev/zero\n';
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(bomb), memoryKiB: 64 * 1024 }));
    await rig.ctrOk('start', 'other', 'vm');
    const { monitorPid } = await rig.info('other');
    await rig.ctr(['wait', 'vm']);
    expect(await rig.info('vm')).toMatchObject({ state: 'crashed', exit: { reason: 'oom' } });
    expect(await rig.info('other')).toMatchObject({ state: 'running', monitorPid });
    expect(await rig.ctrOk('enter', 'other', '--', 'echo', 'alive')).toBe('alive\n');
  });

  test('info tells which limit was in the way', async ({ rig, skip }) => {
    const lack = lacksController('memory') ?? lacksController('pids');
    if (lack !== undefined) skip(lack);
    await rig.define(
      domainXml({ name: 'vm', rootfs: rig.makeRoot(), memoryKiB: 64 * 1024, metadata: "<ctr:pids max='8'/>" }),
    );
    await rig.ctrOk('start', 'vm');
    expect(await rig.info('vm')).toMatchObject({ memory: { oomKills: 0 }, pids: { limitHits: 0 } });
    await rig.ctr(['enter', 'vm', '--', 'tail', '/dev/zero']);
    await rig.ctr(['enter', 'vm', '--', 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done']);
    const { memory, pids } = (await rig.info('vm')) as Record<string, Record<string, number>>;
    expect(memory?.oomKills).toBeGreaterThan(0);
    expect(memory?.limitHits).toBeGreaterThan(0);
    expect(pids?.limitHits).toBeGreaterThan(0);
    expect(await rig.ctrOk('info', 'vm')).toMatch(/^limit hit +memory, .*\n.*^limit hit +pids, /ms);
  });

  test('devices: a node of a disk cannot be opened, even when it is in the root', async ({ rig, skip }) => {
    const lack = lacksDeviceRules();
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

  test('one that the kernel refuses is why a start fails, of which nothing is left', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    // The group is there by then, in each hierarchy; made by the command itself, while its child makes init.
    const key = existsSync('/sys/fs/cgroup/memory') ? 'cgroup.memory.swappiness' : 'cgroup2.memory.reclaim';
    const config = `lxc.uts.name = vm\nlxc.rootfs.path = dir:${rig.makeRoot()}\nlxc.init.cmd = /init\nlxc.${key} = 1000z\n`;
    await rig.ctrOk('define', '--format', 'lxc', rig.writeFile('config', config));
    for (let round = 0; round < 5; round++)
      expect(await rig.ctr(['start', 'vm'])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/^ctr: cannot start 'vm': set memory\.\w+ to '1000z': write: EINVAL/),
      });
  });
});
