import { readFileSync } from 'node:fs';
import { limits, set } from '../../src/index.js';
import { describe, domainXml, expect, lacksController, type Rig, slow, test } from '../rig/index.js';
import { networkTest } from '../rig/network-host.js';

const MIB = 1024 * 1024;

async function startVm(rig: Rig, parts: { metadata?: string; onReboot?: string; init?: string } = {}): Promise<void> {
  const { init, ...rest } = parts;
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(init), memoryKiB: 64 * 1024, ...rest }));
  await rig.ctrOk('start', 'vm');
}

/** What a file of the container's group says, whichever version has it. */
async function groupFile(rig: Rig, v1: string, v2: string): Promise<string> {
  const pid = Number((await rig.info('vm')).pid);
  const controller = v1.split('.')[0] ?? '';
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const group = (names: string) => lines.find((line) => line.split(':')[1] === names)?.split(':')[2];
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const place = (type: string, option: string) =>
    mounts.find(
      ([, , fstype, options = '']) => fstype === type && (option === '' || options.split(',').includes(option)),
    )?.[1];
  const inV1 = lines.map((line) => line.split(':')[1] ?? '').find((names) => names.split(',').includes(controller));
  const path =
    inV1 === undefined
      ? `${place('cgroup2', '')}${group('')}/${v2}`
      : `${place('cgroup', controller)}${group(inV1)}/${v1}`;
  return readFileSync(path, 'utf8').trim();
}

const memoryOf = async (rig: Rig) => Number(await groupFile(rig, 'memory.limit_in_bytes', 'memory.max'));

describe('set', () => {
  networkTest('of a running container in a network', async ({ host, rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    const devices = "<interface type='network'><source network='default'/></interface>";
    const xml = domainXml({ name: 'vm', rootfs: rig.makeRoot(), memoryKiB: 64 * 1024, devices });
    await host.ctrOk('define', rig.writeFile('vm.xml', xml));
    await host.ctrOk('start', 'vm');
    await host.ctrOk('set', 'vm', 'memory=96M');
    expect(await memoryOf(rig)).toBe(96 * MIB);
    await host.ctrOk('destroy', 'vm');
  });

  test('of a running container counts at once, and is gone after a stop', async ({ rig, skip }) => {
    const lack = lacksController('memory') ?? lacksController('pids');
    if (lack !== undefined) skip(lack);
    await startVm(rig);
    expect(await rig.ctrOk('set', 'vm', 'memory=96M', 'pids=100')).toBe("set memory=96M pids=100 of 'vm' as it runs\n");
    expect(await memoryOf(rig)).toBe(96 * MIB);
    expect(await groupFile(rig, 'pids.max', 'pids.max')).toBe('100');
    expect(await rig.info('vm')).toMatchObject({ memory: { limitBytes: 96 * MIB }, pids: { limit: 100 } });
    expect(await rig.ctrOk('dumpxml', 'vm')).toContain("<memory unit='KiB'>98304</memory>");
    expect(await rig.ctrOk('dumpxml', 'vm', '--inactive')).toContain("<memory unit='KiB'>65536</memory>");
    await rig.ctrOk('stop', 'vm');
    await rig.ctrOk('start', 'vm');
    expect(await memoryOf(rig)).toBe(64 * MIB);
  });

  test('of a running container lives through its reboot', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await startVm(rig, { init: "trap 'reboot -f' USR1\nwhile :; do usleep 20000; done\n", onReboot: 'restart' });
    await rig.ctrOk('set', 'vm', 'memory=96M', 'cpu.shares=512');
    const { pid } = await rig.info('vm');
    process.kill(Number(pid), 'SIGUSR1');
    await expect.poll(async () => (await rig.info('vm')).restarts, { timeout: slow(10_000) }).toBe(1);
    expect(await memoryOf(rig)).toBe(96 * MIB);
    expect(await rig.ctrOk('set', 'vm')).toMatch(/^memory +96M$/m);
  });

  test('of a definition counts from the next start on', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await startVm(rig);
    await rig.ctrOk('set', 'vm', 'memory=80M', '--config');
    expect(await memoryOf(rig)).toBe(64 * MIB);
    await rig.ctrOk('stop', 'vm');
    await rig.ctrOk('set', 'vm', 'pids=70');
    await rig.ctrOk('start', 'vm');
    expect(await memoryOf(rig)).toBe(80 * MIB);
    expect(await rig.ctrOk('set', 'vm')).toMatch(/^pids +70$/m);
  });

  test('makes a group of a controller that the start had no need of', async ({ rig, skip }) => {
    const lack = lacksController('cpu') ?? lacksController('cpuset');
    if (lack !== undefined) skip(lack);
    await startVm(rig);
    await rig.ctrOk('set', 'vm', 'cpu.shares=512', 'cpuset.cpus=0');
    expect(await groupFile(rig, 'cpu.shares', 'cpu.weight')).toMatch(/^(512|59)$/);
    expect(await groupFile(rig, 'cpuset.cpus', 'cpuset.cpus.effective')).toBe('0');
    expect(await rig.ctrOk('enter', 'vm', '--', 'grep', 'Cpus_allowed_list', '/proc/self/status')).toMatch(/\t0\n$/);
    await rig.ctrOk('set', 'vm', 'cpuset.cpus=all', 'cpu.shares=default');
    // What was made is entered, and taken away at the end, although nothing asks for it any more.
    await rig.ctrOk('set', 'vm', 'pids=50');
    await rig.ctrOk('enter', 'vm', '--', 'true');
    expect(await groupFile(rig, 'cpu.shares', 'cpu.weight')).toMatch(/^(1024|100)$/);
  });

  test('memory with swap grows and shrinks with memory', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await startVm(rig);
    const first = await rig.ctr(['set', 'vm', 'memory=64M', 'memory.swap=128M']);
    if (/no such file/.test(first.stderr)) skip('needs a kernel that counts swap');
    await rig.ctrOk('set', 'vm', 'memory=256M', 'memory.swap=512M');
    expect(await memoryOf(rig)).toBe(256 * MIB);
    await rig.ctrOk('set', 'vm', 'memory=32M', 'memory.swap=64M');
    expect(await memoryOf(rig)).toBe(32 * MIB);
    const both = await groupFile(rig, 'memory.memsw.limit_in_bytes', 'memory.swap.max');
    expect([64 * MIB, 32 * MIB]).toContain(Number(both));
    const { status, stderr } = await rig.ctr(['set', 'vm', 'memory=128M']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('memory.swap is 67108864, below the limit of 134217728'),
    ]);
  });

  test('below what is used is refused with what is used, and then nothing has changed', async ({ rig, skip }) => {
    const lack = lacksController('memory') ?? lacksController('pids');
    if (lack !== undefined) skip(lack);
    // What dd holds is its heap, which nobody can take away from it.
    await startVm(rig, { init: 'dd if=/dev/zero of=/dev/null bs=24M count=1000000 &\nwhile :; do wait; done\n' });
    await expect
      .poll(async () => ((await rig.info('vm')).memory as { usedBytes: number }).usedBytes)
      .toBeGreaterThan(20 * MIB);
    const { status, stderr } = await rig.ctr(['set', 'vm', 'pids=40', 'memory=4M']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^ctr: cannot set memory\.(limit_in_bytes|max) of 'vm' to '4194304': it uses \d{8} already \(memory\./,
    );
    expect(await memoryOf(rig)).toBe(64 * MIB);
    expect(await groupFile(rig, 'pids.max', 'pids.max')).toBe('max');
    expect((await rig.ctr(['set', 'vm', 'pids=1'])).stderr).toMatch(/'1': it uses 2 already \(pids\.current\)\n$/);
  });

  test.for([
    ['memory=64Q', "cannot set 'memory' of 'vm' to '64Q'"],
    ['cpuset.cpus=0-8000', "cpuset.cpus is '0-8000', and this host has "],
    ['cpu.shares=1', 'from 2 to 262144'],
    ['memroy=64M', "hint: did you mean 'memory'?"],
    ['blkio.read-bps=/dev/null,1M', ''],
  ] as const)('%s is refused, running or not', async ([word, reason], { rig }) => {
    await startVm(rig);
    for (const where of word.startsWith('blkio') ? ['--live'] : ['--live', '--config']) {
      const { status, stderr } = await rig.ctr(['set', 'vm', word, where]);
      expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
    }
  });

  test('--live needs a container that runs', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    const { status, stderr } = await rig.ctr(['set', 'vm', 'pids=5', '--live']);
    expect(status).toBe(1);
    expect(stderr).toBe(
      "ctr: cannot set limits of 'vm' as it runs: it is not running\nhint: --config changes its definition\n",
    );
  });

  test('of a definition that has no words for limits stands beside its text', async ({ rig, skip }) => {
    const lack = lacksController('pids');
    if (lack !== undefined) skip(lack);
    const file = rig.writeFile(
      'vm.nspawn',
      '[Exec]\nBoot=no\nParameters=/init\nPrivateUsers=no\n[Network]\nPrivate=yes\n',
    );
    await rig.ctrOk('define', file, '--name', 'vm', '--rootfs', rig.makeRoot());
    const { stderr } = await rig.ctr(['set', 'vm', 'pids=60', 'memory=64M']);
    expect(stderr).toContain('kept beside its text');
    expect(await rig.ctrOk('set', 'vm')).toMatch(/^memory +64M\npids +60$/m);
    expect(await rig.ctrOk('dumpxml', 'vm')).toContain("<ctr:pids max='60'/>");
    expect(await rig.info('vm')).toMatchObject({ pids: { limit: 60 } });
    const edited = await rig.ctr(['edit', 'vm'], { env: { EDITOR: 'true' } });
    expect(edited.stderr).toContain("note: 'vm' has pids=60 besides");
  });

  test('by the library', async ({ rig }) => {
    const { stateDir, runDir } = rig;
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    expect(await set('vm', { pids: '50' }, { stateDir, runDir })).toMatchObject({ live: false, config: true });
    expect(await limits('vm', { stateDir, runDir })).toContainEqual({ key: 'pids', value: '50' });
    await expect(set('vm', { pids: 'x' }, { stateDir, runDir })).rejects.toMatchObject({ code: 'CTR_BAD_LIMIT' });
  });
});
