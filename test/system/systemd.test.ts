/** On a host whose PID 1 is systemd, and with a systemd inside. docs/adr/0012 */
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, domainXml, expect, type Rig, runProgram, slow, test } from '../rig/index.js';
import { lacksSystemd, lacksTestVm } from '../rig/needs.js';

const SCOPE = '/machine.slice/ctr.scope';

test.beforeEach(({ skip }) => {
  const lack = lacksSystemd();
  if (lack !== undefined) skip(lack);
});

/** Path of a process's group in the v2 tree. */
function groupOf(pid: unknown): string {
  return /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
}

async function show(property: string): Promise<string> {
  return (await runProgram(['systemctl', 'show', '--value', '--property', property, 'ctr.scope'])).stdout.trim();
}

async function defineWithLimits(rig: Rig, name: string): Promise<void> {
  const xml = domainXml({ name, rootfs: rig.makeRoot() });
  await rig.define(xml.replace('<devices>', '<memtune><hard_limit unit="MiB">64</hard_limit></memtune><devices>'));
}

/** The file of the limit of memory of the group of a process, where v2 has that controller. */
const limitOf = (pid: unknown) => join('/sys/fs/cgroup', groupOf(pid), 'memory.max');

describe('the unit of all containers', () => {
  test('is made by the first start, and by no other', async ({ rig }) => {
    await defineWithLimits(rig, 'a');
    await defineWithLimits(rig, 'b');
    await rig.ctrOk('start', 'a');
    expect(await show('Delegate')).toBe('yes');
    expect(await show('TasksMax')).toBe('infinity');
    const made = await show('InvocationID');
    await rig.ctrOk('stop', 'a', '--force');
    // The manager cannot be asked for anything now.
    const hidden = 'mount -t tmpfs none /run/systemd && mount -t tmpfs none /run/dbus && exec "$@"';
    const argv = ['unshare', '--mount', 'sh', '-c', hidden, 'sh', ctrProgram, 'start', 'b'];
    expect(await runProgram(argv, { env: rig.env })).toMatchObject({ status: 0 });
    expect(await show('InvocationID')).toBe(made);
  });

  test('has each container, and its monitor beside them', async ({ rig }) => {
    await defineWithLimits(rig, 'a');
    await rig.ctrOk('start', 'a');
    const { pid, monitorPid } = await rig.info('a');
    expect(groupOf(pid)).toMatch(new RegExp(`^${SCOPE}/ctr-[0-9a-f]+\\.a$`));
    expect(groupOf(monitorPid)).toBe(`${SCOPE}/monitors`);
    const { stdout } = await runProgram(['systemd-cgls', '--no-pager', '--full', '/machine.slice']);
    expect(stdout).toMatch(new RegExp(`─ctr-[0-9a-f]+\\.a\\b[^]*\\b${pid} `));
  });

  test('is left alone by a manager that reads its units again, or itself', async ({ rig }) => {
    await defineWithLimits(rig, 'a');
    await rig.ctrOk('start', 'a');
    const { pid } = await rig.info('a');
    const before = [groupOf(pid), existsSync(limitOf(pid)) ? readFileSync(limitOf(pid), 'utf8') : ''];
    for (const verb of ['daemon-reload', 'daemon-reexec']) {
      expect(await runProgram(['systemctl', verb])).toMatchObject({ status: 0 });
      // A unit that comes and goes makes the manager look at the controllers of all.
      expect(await runProgram(['systemd-run', '--quiet', '--wait', 'true'])).toMatchObject({ status: 0 });
      expect([groupOf(pid), existsSync(limitOf(pid)) ? readFileSync(limitOf(pid), 'utf8') : '']).toEqual(before);
    }
    await rig.ctrOk('enter', 'a', '--', 'true');
  });

  test('keeps a container when the service that has started it ends', async ({ rig }) => {
    await defineWithLimits(rig, 'a');
    const settings = ['PATH', 'CTR_STATE_DIR', 'CTR_RUN_DIR'].map((name) => `--setenv=${name}=${rig.env[name]}`);
    const argv = ['systemd-run', '--quiet', '--wait', ...settings, ctrProgram, 'start', 'a'];
    await rig.ctrOk('start', 'a');
    await rig.ctrOk('stop', 'a', '--force');
    expect(await runProgram(argv)).toMatchObject({ status: 0 });
    expect(await rig.info('a')).toMatchObject({ state: 'running' });
    await rig.ctrOk('enter', 'a', '--', 'true');
  });

  test('ends them all when it is stopped, and is made again', async ({ rig, skip }) => {
    const lack = lacksTestVm();
    if (lack !== undefined) skip(lack);
    await defineWithLimits(rig, 'a');
    await rig.ctrOk('start', 'a');
    expect(await runProgram(['systemctl', 'stop', 'ctr.scope'])).toMatchObject({ status: 0 });
    expect(await rig.info('a')).toMatchObject({ state: 'stopped' });
    await rig.ctrOk('start', 'a');
  });
});

describe('a systemd inside', () => {
  test('comes up in a tree of cgroups of its own, and is stopped by its own signal', {
    timeout: slow(90_000),
  }, async ({ rig, skip }) => {
    const lack = lacksTestVm();
    if (lack !== undefined) skip(lack);
    const rootfs = join(rig.scratch, 'os');
    await runProgram(['sh', '-c', `mkdir ${rootfs} && mount --bind / ${rootfs}`]);
    try {
      await bootSystemd(rig, rootfs);
    } finally {
      await rig.ctr(['destroy', 'os']);
      await runProgram(['umount', rootfs]);
    }
  });
});

async function bootSystemd(rig: Rig, rootfs: string): Promise<void> {
  // The guest's own service would run these tests in it once more.
  const init = '[Exec]\nBoot=yes\nEphemeral=yes\nPrivateUsers=pick\nParameters=systemd.mask=ctr-testvm.service\n';
  const file = rig.writeFile('os.nspawn', `${init}[Network]\nPrivate=yes\n`);
  await rig.ctrOk('define', '--format', 'nspawn', '--name', 'os', '--rootfs', rootfs, file);
  await rig.ctrOk('start', 'os');
  const state = async () => (await rig.ctr(['enter', 'os', '--', 'systemctl', 'is-system-running'])).stdout.trim();
  await expect.poll(state, { timeout: slow(60_000), interval: 1000 }).toMatch(/^(running|degraded)$/);
  const { stdout: failed } = await rig.ctr(['enter', 'os', '--', 'systemctl', '--failed', '--no-legend', '--plain']);
  expect(failed).toBe('');
  const { pid } = await rig.info('os');
  expect(groupOf(pid)).toMatch(/\.os\/init\.scope$/);
  expect(await rig.ctrOk('enter', 'os', '--', 'cat', '/proc/self/cgroup')).toBe('0::/init.scope\n');
  await rig.ctrOk('enter', 'os', '--', 'systemd-run', '--quiet', '--wait', 'true');
  await rig.ctrOk('stop', 'os');
  expect(await rig.info('os')).toMatchObject({ state: 'stopped', exit: { reason: 'stopped' } });
}

describe("an ordinary user's manager", () => {
  const uid = 1000;
  const runtime = `/run/user/${uid}`;

  // Before a test looks at what the host has.
  test.beforeAll(async () => {
    if (lacksTestVm() !== undefined) return;
    await runProgram(['loginctl', 'enable-linger', 'user']);
    // Returns when it is up.
    await runProgram(['systemctl', 'start', `user@${uid}.service`]);
  });

  test('gives his containers limits that hold, and that he can change', async ({ rig, skip }) => {
    const lack = lacksTestVm();
    if (lack !== undefined) skip(lack);
    for (const path of [rig.stateDir, rig.runDir, join(rig.scratch, 'home')]) chownSync(path, uid, uid);
    const env = { ...rig.env, XDG_RUNTIME_DIR: runtime };
    const ids = ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
    const scope = ['systemd-run', '--user', '--scope', '--quiet', '--'];
    const asUser = (...args: string[]) => runProgram([...ids, ...scope, ctrProgram, ...args], { env });
    const bootstrapped = await asUser('bootstrap', 'web', '--template', 'busybox');
    expect(bootstrapped).toMatchObject({ status: 0 });
    expect(bootstrapped.stderr).not.toContain('no limit');
    expect(await asUser('start', 'web')).toMatchObject({ status: 0 });
    const { pid } = JSON.parse((await asUser('info', 'web', '--json')).stdout) as { pid: number };
    const group = join('/sys/fs/cgroup', groupOf(pid));
    expect(group).toContain(`/user@${uid}.service/`);
    expect(Number(readFileSync(join(group, 'pids.max'), 'utf8'))).toBeGreaterThan(0);
    expect(Number(readFileSync(join(group, 'memory.max'), 'utf8'))).toBeGreaterThan(0);
    writeFileSync(join(group, 'pids.max'), '12');
    const many = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1000 & done';
    expect((await asUser('enter', 'web', '--', 'sh', '-c', many)).stderr).toMatch(/fork|Resource/);
    // 64 MiB, and a bomb: it ends, the container and its monitor go on, and he is told which limit it was.
    expect(await asUser('set', 'web', 'memory=64M', 'pids=64')).toMatchObject({ status: 0 });
    expect(readFileSync(join(group, 'memory.max'), 'utf8')).toBe(`${64 * 1024 * 1024}\n`);
    expect(readFileSync(join(group, 'pids.max'), 'utf8')).toBe('64\n');
    expect(await asUser('enter', 'web', '--', 'tail', '/dev/zero')).toMatchObject({ status: 137 });
    expect(JSON.parse((await asUser('info', 'web', '--json')).stdout)).toMatchObject({
      state: 'running',
      pid,
      memory: { oomKills: expect.toSatisfy((kills) => kills > 0) },
      pids: { limitHits: expect.toSatisfy((hits) => hits > 0) },
    });
    expect((await asUser('set', 'web', 'cpuset.cpus=0')).stderr).toMatch(
      /^ctr: cannot pin 'web' to CPUs: no cgroup with the controller 'cpuset' is delegated to you\n/,
    );
    expect(await asUser('destroy', 'web')).toMatchObject({ status: 0 });
    expect(await asUser('undefine', 'web', '--remove-storage')).toMatchObject({ status: 0 });
  });
});
