/** What a container's /proc shows of its limits, by lxcfs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  describe,
  domainXml,
  expect,
  lacksController,
  lacksProgram,
  type Rig,
  runProgram,
  slow,
  test,
} from '../rig/index.js';
import { lacksSystemd } from '../rig/needs.js';

async function start(rig: Rig, name = 'box'): Promise<void> {
  await rig.define(domainXml({ name, rootfs: rig.makeRoot() }));
  await rig.ctrOk('start', name);
}

/** What an lxcfs of ctr's, or the distribution's, is mounted on. */
const mountOfLxcfs = ({ runDir }: Rig) => (lacksSystemd() === undefined ? '/var/lib/lxcfs' : `${runDir}/lxcfs`);

/** Pids of the lxcfs that a start makes here. */
function findLxcfs(rig: Rig): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return argv[0]?.endsWith('/lxcfs') === true && argv.includes(mountOfLxcfs(rig));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** What `gc` does of one of ctr's own; the distribution's is not ctr's to end. */
async function endLxcfs(rig: Rig): Promise<void> {
  await rig.ctr(['destroy', '--all']);
  await rig.ctr(['gc']);
  if (lacksSystemd() === undefined) await runProgram(['systemctl', 'stop', 'lxcfs.service']);
  await expect.poll(() => findLxcfs(rig), { timeout: slow(4000) }).toEqual([]);
}

function lacksOwnLxcfs(): string | undefined {
  if (!existsSync('/dev/fuse')) return 'needs /dev/fuse';
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(' fuse.lxcfs ')) return 'needs a host where no lxcfs runs';
  return lacksProgram('lxcfs');
}

const MEMINFO = ['enter', 'box', '--', 'cat', '/proc/meminfo'];

describe('views of limits in /proc', () => {
  test('a container sees its own memory, until lxcfs dies; the next start begins another', {
    timeout: slow(60_000),
  }, async ({ rig, skip }) => {
    const lack = lacksOwnLxcfs() ?? lacksController('memory');
    if (lack !== undefined) skip(lack);
    rig.writeFile('ctr.conf', '[views]\nstart-lxcfs = 1\n');
    try {
      await start(rig);
      expect(await rig.ctrOk(...MEMINFO)).toMatch(/^MemTotal: +65536 kB\n/);
      expect(await rig.info('box')).toMatchObject({ views: 'lxcfs' });
      const [first, ...others] = findLxcfs(rig);
      expect([first, others]).toEqual([expect.any(Number), []]);
      // One for all of them.
      await start(rig, 'other');
      expect(findLxcfs(rig)).toEqual([first]);
      // What still runs needs it.
      await rig.ctrOk('gc');
      expect(findLxcfs(rig)).toEqual([first]);

      process.kill(Number(first), 'SIGKILL');
      await expect.poll(() => findLxcfs(rig), { timeout: slow(4000) }).not.toContain(first);
      expect(await rig.ctrOk('enter', 'box', '--', 'echo', 'alive')).toBe('alive\n');
      // systemd starts another at once, which shows it nothing either.
      expect(await rig.ctr(MEMINFO)).toMatchObject({ status: 1, stderr: expect.stringMatching(/not connected/) });
      expect(await rig.info('box')).toMatchObject({ state: 'running', views: 'dead' });
      await rig.ctrOk('stop', 'box');
      await rig.ctrOk('start', 'box');
      expect(findLxcfs(rig)).toHaveLength(1);
      expect(await rig.ctrOk(...MEMINFO)).toMatch(/^MemTotal: +65536 kB\n/);
    } finally {
      await endLxcfs(rig);
    }
  });

  test('all the files that lxcfs has are its own, and processors are counted by cpuset and quota', {
    timeout: slow(60_000),
  }, async ({ rig, skip }) => {
    const lack = lacksOwnLxcfs() ?? lacksController('memory') ?? lacksController('cpuset') ?? lacksController('cpu');
    if (lack !== undefined) skip(lack);
    rig.writeFile('ctr.conf', '[views]\nstart-lxcfs = 1\n');
    const inBox = async (script: string) => (await rig.ctrOk('enter', 'box', '--', 'sh', '-c', script)).trim();
    try {
      await rig.define(domainXml({ name: 'box', rootfs: rig.makeRoot(), memoryKiB: 64 * 1024 }));
      await rig.ctrOk('set', 'box', 'cpuset.cpus=0', '--config');
      await rig.ctrOk('start', 'box');
      const mounts = await inBox('grep " fuse.lxcfs " /proc/mounts | cut -d" " -f2 | sort | xargs');
      const files = ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'stat', 'swaps', 'uptime'].map(
        (it) => `/proc/${it}`,
      );
      expect(mounts.split(' ')).toEqual([...files, '/sys/devices/system/cpu/online']);
      expect(await inBox('grep -c ^processor /proc/cpuinfo; grep -c "^cpu[0-9]" /proc/stat; wc -l < /proc/swaps')).toBe(
        '1\n1\n1',
      );
      expect(await inBox('cat /sys/devices/system/cpu/online')).toBe('0');
      expect(await inBox('test -s /proc/diskstats && cut -d" " -f4 /proc/loadavg')).toMatch(/^\d+\/\d+$/);
      const hostSeconds = Number(readFileSync('/proc/uptime', 'utf8').split('.')[0]);
      expect(Number((await inBox('cat /proc/uptime')).split('.')[0])).toBeLessThan(Math.max(hostSeconds, 2));
      // The distribution's service is not told to look at quotas.
      if (lacksSystemd() === undefined) return;
      await rig.ctrOk('stop', 'box');
      await rig.ctrOk('set', 'box', 'cpuset.cpus=all', 'cpu=1', '--config');
      await rig.ctrOk('start', 'box');
      expect(await inBox('grep -c ^processor /proc/cpuinfo; cat /sys/devices/system/cpu/online')).toBe('1\n0');
    } finally {
      await endLxcfs(rig);
    }
  });

  test('without lxcfs a container starts, and one that asks for it is refused', async ({ rig, skip }) => {
    if (readFileSync('/proc/self/mountinfo', 'utf8').includes(' fuse.lxcfs ')) skip('needs a host where no lxcfs runs');
    await start(rig);
    expect(await rig.ctrOk('enter', 'box', '--', 'grep', '-c', 'lxcfs', '/proc/mounts').catch(() => '0\n')).toBe('0\n');
    const metadata = "<ctr:kernel-mounts views='on'/>";
    await rig.define(domainXml({ name: 'asks', rootfs: rig.makeRoot(), metadata }));
    const { status, stderr } = await rig.ctr(['start', 'asks']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ctr: cannot start 'asks': its views of \/proc need lxcfs, and none runs\nhint: /);
  });
});
