import { chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, IDMAP, type Rig, test } from '../rig/index.js';

/** Runs a shell line in the container; its exit status, and what it printed. */
async function inside(rig: Rig, name: string, line: string): Promise<{ status: number; text: string }> {
  const { status, stdout, stderr } = await rig.ctr(['enter', name, '--', 'sh', '-c', line]);
  return { status, text: stdout + stderr };
}

describe('the user namespace of a bootstrapped container', () => {
  test('maps 65536 ids from a range of the host that is not the host’s own', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    for (const map of ['uid_map', 'gid_map']) {
      const [first, outside, count] = (await rig.ctrOk('enter', 'web', '--', 'cat', `/proc/self/${map}`))
        .trim()
        .split(/\s+/);
      expect([first, count]).toEqual(['0', '65536']);
      expect(Number(outside)).toBeGreaterThanOrEqual(65536);
    }
    const { pid } = await rig.info('web');
    expect(statSync(`/proc/${pid}`).uid).toBeGreaterThanOrEqual(65536);
  });

  test('two containers have ranges that do not overlap', async ({ rig }) => {
    await rig.bootstrap('one');
    await rig.bootstrap('two');
    await rig.ctrOk('start', 'one', 'two');
    const firsts = await Promise.all(
      ['one', 'two'].map(async (name) =>
        Number((await rig.ctrOk('enter', name, '--', 'cat', '/proc/self/uid_map')).trim().split(/\s+/)[1]),
      ),
    );
    expect(Math.abs((firsts[0] ?? 0) - (firsts[1] ?? 0))).toBeGreaterThanOrEqual(65536);
  });

  test('shows the root file system with its own ids, and writes them so to disk', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    expect(await rig.ctrOk('enter', 'web', '--', 'stat', '-c', '%u:%g', '/etc/passwd')).toBe('0:0\n');
    await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'touch /etc/mine && chown 1000:1000 /etc/mine');
    const file = statSync(join(String((await rig.info('web')).rootfs), 'etc/mine'));
    expect([file.uid, file.gid]).toEqual([1000, 1000]);
  });
});

describe('the user namespace of a libvirt configuration', () => {
  test('means ids on disk as the peers do: the root stays as it is', async ({ rig }) => {
    const root = rig.makeRoot();
    chownSync(join(root, 'tmp'), 500_000, 500_000);
    await rig.define(domainXml({ name: 'vm', rootfs: root, idmap: IDMAP }));
    await rig.ctrOk('start', 'vm');
    expect(await rig.ctrOk('enter', 'vm', '--', 'stat', '-c', '%u', '/tmp', '/etc/passwd')).toBe('0\n65534\n');
    expect(statSync(join(root, 'etc/passwd')).uid).toBe(0);
  });

  test('without idmap the container has the ids of the host', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'vm');
    expect(await rig.ctrOk('enter', 'vm', '--', 'cat', '/proc/self/uid_map')).toMatch(/^\s*0\s+0\s+4294967295$/m);
  });
});

describe('root inside a bootstrapped container', () => {
  test('cannot remove a mask or a read-only mount', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    for (const line of [
      'umount /proc/interrupts',
      'umount -l /proc/interrupts',
      'umount -l /proc/sys',
      'umount -l /sys',
      'mount -o remount,rw /proc/sys',
      'mount -o remount,bind,rw /proc/sys',
      'echo x > /proc/sys/kernel/hostname',
    ]) {
      expect({ line, status: (await inside(rig, 'web', line)).status }).not.toMatchObject({ status: 0 });
    }
    expect(await inside(rig, 'web', 'head -c 1 /proc/interrupts | wc -c')).toEqual({ status: 0, text: '0\n' });
  });

  test('cannot mount a fresh procfs over the masked one', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const { status } = await inside(rig, 'web', 'mkdir -p /tmp/p && mount -t proc proc /tmp/p');
    expect(status).not.toBe(0);
  });

  test('can mount a fresh procfs where the configuration says nesting', async ({ rig }) => {
    const root = rig.makeRoot();
    for (const name of ['', 'bin', 'tmp']) chownSync(join(root, name), 500_000, 500_000);
    await rig.define(domainXml({ name: 'vm', rootfs: root, idmap: IDMAP, metadata: "<ctr:nesting state='on'/>" }));
    await rig.ctrOk('start', 'vm');
    const { status, text } = await inside(rig, 'vm', 'mkdir /tmp/p && mount -t proc proc /tmp/p && cat /tmp/p/1/comm');
    expect({ status, text }).toEqual({ status: 0, text: 'init\n' });
  });

  test('runs under a seccomp filter', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    expect(await rig.ctrOk('enter', 'web', '--', 'cat', '/proc/1/status')).toMatch(/^Seccomp:\t2$/m);
  });

  test('has no CAP_MKNOD, in no set', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const status = await rig.ctrOk('enter', 'web', '--', 'cat', '/proc/1/status');
    const sets = [...status.matchAll(/^Cap(\w+):\s+([0-9a-f]+)$/gm)].map(([, set, bits]) => [
      set,
      (BigInt(`0x${bits}`) >> 27n) & 1n,
    ]);
    expect(sets).toEqual(['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => [set, 0n]));
  });

  test('sees no mount and no directory of the host', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const mounts = await rig.ctrOk('enter', 'web', '--', 'cat', '/proc/1/mountinfo');
    const points = mounts
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '');
    expect(points.filter((point) => !/^\/($|proc|sys|dev|run|tmp)/.test(point))).toEqual([]);
    const outward = await inside(rig, 'web', 'cd /; cd ../../..; ls; ls /proc/1/root');
    const names = await inside(rig, 'web', 'ls /');
    expect(outward.text).toBe(names.text + names.text);
  });

  test('has only fds 0, 1 and 2, in init and in what is entered', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const entered = await rig.ctrOk('enter', 'web', '--', 'ls', '/proc/self/fd');
    // The fourth is ls reading the directory.
    expect(entered.trim().split(/\s+/)).toEqual(['0', '1', '2', '3']);
    const ofInit = await rig.ctrOk('enter', 'web', '--', 'ls', '/proc/1/fd');
    expect(ofInit.trim().split(/\s+/)).toEqual(['0', '1', '2']);
  });
});
