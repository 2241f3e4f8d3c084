import type { ContainerSpec, KernelMountsSpec } from '../../src/config/spec.js';
import { describe, expect, type Rig, SHIFTED_IDS, startSpec, test } from '../rig/index.js';

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

async function inside(rig: Rig, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', 'box', '--', 'sh', '-c', line]);
  return stdout + stderr;
}

/** Each mount below `path` with its read-only or read-write. */
async function mountsBelow(rig: Rig, path: string): Promise<string[]> {
  return (await inside(rig, 'cat /proc/1/mountinfo')).split('\n').flatMap((line) => {
    const [, , , , point = '', options = ''] = line.split(' ');
    return point === path || point.startsWith(`${path}/`) ? [`${point} ${options.slice(0, 2)}`] : [];
  });
}

describe.each(IDS)('%s', (_, ids) => {
  const start = (rig: Rig, kernelMounts: KernelMountsSpec) => startSpec(rig, { kernelMounts, ...ids });

  test('/proc is whole and writable where the configuration says so', async ({ rig }) => {
    await start(rig, { proc: 'writable' });
    expect(await mountsBelow(rig, '/proc')).toEqual(['/proc rw']);
    expect(await inside(rig, 'head -c 1 /proc/interrupts | wc -c')).toBe('1\n');
  });

  test('/sys is read-only but for the network’s devices in mode mixed', async ({ rig }) => {
    await start(rig, { sys: 'mixed', cgroup: 'none' });
    expect(await mountsBelow(rig, '/sys')).toEqual(expect.arrayContaining(['/sys ro', '/sys/devices/virtual/net rw']));
    expect(await inside(rig, 'ls /sys/devices/virtual/net; ls -d /sys/fs/cgroup/*')).toMatch(/^lo\nls: /);
    // The kernel makes the loopback before the ids of the namespace are known: it stays the host's.
    if (!('idmap' in ids))
      expect(await inside(rig, 'echo 1300 > /sys/devices/virtual/net/lo/mtu; cat /sys/class/net/lo/mtu')).toBe(
        '1300\n',
      );
    expect(await inside(rig, 'echo x > /sys/kernel/uevent_helper')).toMatch(/Read-only|Permission|nonexistent/);
    expect(await mountsBelow(rig, '/dev')).toContain('/dev rw');
  });

  test('/sys is writable where the configuration says so', async ({ rig }) => {
    await start(rig, { sys: 'writable' });
    expect(await mountsBelow(rig, '/sys')).toContain('/sys rw');
  });

  test('what is not wanted is not there', async ({ rig }) => {
    await start(rig, { proc: 'none', sys: 'none', cgroup: 'none' });
    expect(await inside(rig, 'ls -A /proc /sys')).toBe('/proc:\n\n/sys:\n');
    expect(await rig.info('box')).toMatchObject({ state: 'running' });
  });

  test('the size of /dev is as it says', async ({ rig }) => {
    await start(rig, { devSizeBytes: 131_072 });
    expect(await inside(rig, 'grep " /dev " /proc/mounts')).toContain('size=128k');
  });

  test('cgroups are writable where the configuration says so', async ({ rig }) => {
    await start(rig, { cgroup: 'writable' });
    const make = 'cd /sys/fs/cgroup/unified 2>/dev/null || cd /sys/fs/cgroup; mkdir mine && echo 0 > mine/cgroup.procs';
    expect(await inside(rig, `${make} && cat /proc/self/cgroup`)).toMatch(/^0::\/mine$/m);
    if ('idmap' in ids) {
      // The limits that the host has set are the host's.
      expect(await inside(rig, 'echo 1 > /sys/fs/cgroup/memory/memory.limit_in_bytes')).toMatch(/denied|nonexistent/);
    }
    expect(await inside(rig, 'echo a > /sys/fs/cgroup/devices/devices.allow')).toMatch(
      /Read-only|denied|not permitted|nonexistent/,
    );
  });
});
