import { describe, expect, test } from 'vitest';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';

function read(...lines: readonly string[]): ContainerSpec {
  const text = ['lxc.uts.name = web', 'lxc.rootfs.path = /srv/web', ...lines].join('\n');
  const { definition, diagnostics } = readLxc(text, { file: 'config' });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.spec;
}

describe('limits', () => {
  test('names of either version of cgroups set the same, and the last line counts', () => {
    expect(read('lxc.cgroup.memory.limit_in_bytes = 1G', 'lxc.cgroup2.memory.max = 512M').memory).toEqual({
      hardLimitBytes: 536870912,
    });
    expect(read('lxc.cgroup2.memory.max = 512M', 'lxc.cgroup.memory.limit_in_bytes = -1').memory).toEqual({});
    expect(read('lxc.cgroup2.memory.high = 1k', 'lxc.cgroup.memory.memsw.limit_in_bytes = 2k').memory).toEqual({
      softLimitBytes: 1024,
      swapHardLimitBytes: 2048,
    });
  });

  test('swap alone counts on top of the memory limit, and without one is written as it is', () => {
    expect(read('lxc.cgroup2.memory.swap.max = 1k', 'lxc.cgroup2.memory.max = 4k').memory).toEqual({
      hardLimitBytes: 4096,
      swapHardLimitBytes: 5120,
    });
    const alone = read('lxc.cgroup2.memory.swap.max = 1k');
    expect(alone.memory).toEqual({});
    expect(alone.cgroupFiles).toEqual([{ version: 2, file: 'memory.swap.max', value: '1k' }]);
  });

  test('CPUs, nodes, processes', () => {
    expect(
      read('lxc.cgroup2.cpu.max = 20000 50000', 'lxc.cgroup.cpu.shares = 512', 'lxc.cgroup.cpuset.cpus = 1,0,5-7').cpu,
    ).toEqual({
      count: 1,
      quotaUs: 20000,
      periodUs: 50000,
      shares: 512,
      cpuset: '0-1,5-7',
    });
    expect(read('lxc.cgroup2.cpu.max = 20000', 'lxc.cgroup.cpu.cfs_quota_us = -1').cpu).toEqual({ count: 1 });
    expect(read('lxc.cgroup.cpuset.mems = 0').numa).toEqual({ mode: 'strict', nodeset: '0' });
    expect(read('lxc.cgroup2.pids.max = 5').pids).toEqual({ max: 5 });
    expect(read('lxc.cgroup2.pids.max = 5', 'lxc.cgroup2.pids.max = max').pids).toBeUndefined();
  });

  test('block devices, in the order of their numbers', () => {
    expect(
      read(
        'lxc.cgroup2.io.max = 8:16 rbps=100 wiops=max',
        'lxc.cgroup.blkio.weight = 500',
        'lxc.cgroup.blkio.device_weight = 8:0\t300',
        'lxc.cgroup.blkio.throttle.write_bps_device = 8:16 5',
      ).blkio,
    ).toEqual({
      weight: 500,
      devices: [
        { path: '/dev/block/8:0', weight: 300 },
        { path: '/dev/block/8:16', readBytesSec: 100, writeBytesSec: 5 },
      ],
    });
  });

  test('a weight of version 2 is the shares that are as much', () => {
    expect(read('lxc.cgroup2.cpu.weight = 100').cpu).toEqual({ count: 1, shares: 1024 });
  });

  test('other files are written as they are, those of version 1 first; a name of JavaScript is a name like others', () => {
    expect(
      read('lxc.cgroup2.cpu.idle = 1', 'lxc.cgroup.__proto__ = 1', 'lxc.cgroup2.constructor = 2').cgroupFiles,
    ).toEqual([
      { version: 1, file: '__proto__', value: '1' },
      { version: 2, file: 'cpu.idle', value: '1' },
      { version: 2, file: 'constructor', value: '2' },
    ]);
  });
});

describe('rules for devices', () => {
  const rules = (...lines: readonly string[]) =>
    read(...lines).devices?.rules?.map(
      ({ allow, kind, major, minor, access }) =>
        `${allow ? '+' : '-'}${kind} ${major ?? '*'}:${minor ?? '*'} ${access}`,
    );
  const OWN = [
    '-all *:* rwm',
    '+char 1:3 rwm',
    '+char 1:5 rwm',
    '+char 1:7 rwm',
    '+char 1:8 rwm',
    '+char 1:9 rwm',
    '+char 5:0 rwm',
    '+char 5:2 rwm',
    '+char 136:* rwm',
  ];

  test("without any line ctr's own hold", () => {
    expect(rules()).toBeUndefined();
  });

  test("lines without 'a' change ctr's own", () => {
    expect(rules('lxc.cgroup2.devices.allow = c 10:200 mwr')).toEqual([...OWN, '+char 10:200 rwm']);
    expect(rules('lxc.cgroup2.devices.deny = c 5:0 w')).toEqual([...OWN, '-char 5:0 w']);
  });

  test("'a' forgets what stands before it", () => {
    expect(
      rules(
        'lxc.cgroup2.devices.allow = c 1:3 r',
        'lxc.cgroup2.devices.deny = a',
        'lxc.cgroup2.devices.allow = b *:* m',
      ),
    ).toEqual(['-all *:* rwm', '+block *:* m']);
    expect(rules('lxc.cgroup.devices.allow = a *:* rwm')).toEqual(['+all *:* rwm']);
  });

  test('both versions together allow what either does; version 2 counts where they begin differently', () => {
    const deny = (version: string) => `lxc.${version}.devices.deny = a`;
    expect(
      rules(
        deny('cgroup'),
        'lxc.cgroup.devices.allow = c 1:3 rwm',
        'lxc.cgroup.devices.allow = c 10:200 rwm',
        deny('cgroup2'),
        'lxc.cgroup2.devices.allow = c 1:3 rwm',
      ),
    ).toEqual(['-all *:* rwm', '+char 10:200 rwm', '+char 1:3 rwm']);
    expect(rules('lxc.cgroup.devices.allow = a', deny('cgroup2'))).toEqual(['-all *:* rwm']);
  });
});
