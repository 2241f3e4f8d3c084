/** Hosts with other cgroups than this one: what is mounted over /sys/fs/cgroup hides them from a command. */
import { readFileSync } from 'node:fs';
import { ctrProgram, describe, expect, type Rig, runProgram, test } from '../rig/index.js';

const HOSTS = [
  ['none in sight', 'mount -t tmpfs none /sys/fs/cgroup'],
  [
    'all read-only',
    'for m in $(sed -n "s/^[^ ]* [^ ]* [^ ]* [^ ]* \\([^ ]*\\) .* - cgroup2\\? .*/\\1/p" /proc/self/mountinfo); do mount -o remount,bind,ro $m; done; [ "$(stat -f -c %T /sys/fs/cgroup)" != tmpfs ] || touch /sys/fs/cgroup',
  ],
] as const;

const OWN_GROUPS = readFileSync('/proc/self/cgroup', 'utf8');

const IDS = ['u', 'g'].map((kind) => `lxc.idmap = ${kind} 0 500000 65536`);

/** LXC's format limits nothing by itself. */
async function defineLxc(rig: Rig, lines: readonly string[]): Promise<void> {
  const text = ['lxc.uts.name = vm', `lxc.rootfs.path = ${rig.makeRoot()}`, 'lxc.init.cmd = /init', ...lines, ''].join(
    '\n',
  );
  await rig.ctrOk(
    'define',
    '--replace',
    '--format',
    'lxc',
    '--name',
    'vm',
    rig.writeFile('vm.conf', `${text}lxc.net.0.type = empty\n`),
  );
}

/** Runs ctr where the host looks as `before` makes it look. */
function ctrOn(rig: Rig, before: string, ...args: string[]) {
  const argv = ['unshare', '--mount', 'sh', '-c', `${before}; exec "$@"`, 'sh', ctrProgram, ...args];
  return runProgram(argv, { env: rig.env });
}

describe.each(HOSTS)('a host with cgroups %s', (_, before) => {
  test('runs containers that ask for no limit', async ({ rig }) => {
    await defineLxc(rig, IDS);
    const { status, stderr } = await ctrOn(rig, before, 'start', 'vm');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect((await ctrOn(rig, before, 'enter', 'vm', '--', 'id', '-u')).stdout).toBe('0\n');
    expect((await ctrOn(rig, before, 'plan', 'vm')).stdout).not.toContain('cgroup-');
    expect(await ctrOn(rig, before, 'stop', 'vm', '--force')).toMatchObject({ status: 0 });
  });

  test('refuses a limit, and the rule for devices that a user namespace would stand in for, by its controller', async ({
    rig,
  }) => {
    await defineLxc(rig, [...IDS, 'lxc.cgroup2.memory.max = 64M', 'lxc.cgroup.memory.limit_in_bytes = 64M']);
    expect((await ctrOn(rig, before, 'start', 'vm')).stderr).toMatch(/limit the memory of 'vm'.*controller 'memory'/);
    await defineLxc(rig, []);
    expect((await ctrOn(rig, before, 'start', 'vm')).stderr).toMatch(/devices of 'vm'.*controller 'devices'/);
  });
});

describe('a host with cgroup v1 alone', () => {
  const before = 'for m in $(sed -n "s/^[^ ]* \\([^ ]*\\) cgroup2 .*/\\1/p" /proc/self/mounts); do umount $m; done';

  test('limits, counts, changes and freezes', async ({ rig, skip }) => {
    const isOfV1 = (controller: string) => new RegExp(`^\\d+:([^:]*,)?${controller}[,:]`, 'm').test(OWN_GROUPS);
    if (!['memory', 'pids', 'cpu', 'cpuacct', 'freezer'].every(isOfV1)) skip('needs the controllers of cgroup v1');
    await defineLxc(rig, [
      ...IDS,
      'lxc.cgroup.memory.limit_in_bytes = 64M',
      'lxc.cgroup.pids.max = 50',
      'lxc.cgroup.cpu.shares = 512',
    ]);
    const ok = async (...args: string[]) => {
      const { status, stdout, stderr } = await ctrOn(rig, before, ...args);
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
      return stdout;
    };
    await ok('start', 'vm');
    expect(await ok('plan', 'vm')).not.toContain('unified');
    await ok('set', 'vm', 'memory=96M', 'pids=60', '--live');
    await ok('enter', 'vm', '--', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64k', 'count=10000', 'status=none');
    const info = JSON.parse(await ok('info', 'vm', '--json')) as { readonly cpu: Record<string, number> };
    expect(info).toMatchObject({ memory: { limitBytes: 96 * 1024 * 1024 }, pids: { limit: 60 } });
    expect(info.cpu).toMatchObject({ usedNs: expect.any(Number), userNs: expect.any(Number) });
    const [stats] = (await ok('stats', '--json', 'vm')).split('\n').map((line) => JSON.parse(line || '{}'));
    expect(stats.cpuNs).toBeGreaterThan(0);
    await ok('suspend', 'vm');
    expect(await ok('list')).toContain('paused');
    await ok('resume', 'vm');
    await ok('destroy', 'vm');
  });
});
