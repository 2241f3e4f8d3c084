import { describe, expect, test } from 'vitest';
import { configText, specOf } from './config-text.js';

describe('resources', () => {
  const read = (resources: unknown) => specOf(configText({ linux: { resources } }));

  test('become limits; 0, -1 and more than any memory are none', () => {
    const { memory, cpu, pids, numa, cgroupFiles } = read({
      memory: { limit: 64, reservation: 32, swap: 128 },
      cpu: { shares: 512, quota: -1, period: 50_000, cpus: '0-3', mems: '0' },
      pids: { limit: 9 },
    });
    expect({ memory, cpu, pids, numa }).toEqual({
      memory: { hardLimitBytes: 64, swapHardLimitBytes: 128 },
      cpu: { count: 1, shares: 512, quotaUs: -1, periodUs: 50_000, cpuset: '0-3' },
      pids: { max: 9 },
      numa: { mode: 'strict', nodeset: '0' },
    });
    expect(cgroupFiles).toEqual([{ version: 1, file: 'memory.soft_limit_in_bytes', value: '32', twin: 'memory.low' }]);
    const none = read({ memory: { limit: -1, swap: 0 }, cpu: { shares: 0, quota: 0 }, pids: { limit: -1 } });
    expect([none.memory, none.cpu, none.pids]).toEqual([{}, { count: 1 }, undefined]);
    const huge = configText({ linux: { resources: { memory: { limit: 1 } } } }).replace(
      '"limit": 1',
      '"limit": 9223372036854771712',
    );
    expect(specOf(huge).memory).toEqual({});
  });

  test('of block devices are joined by device', () => {
    const device = { major: 8, minor: 0 };
    const { blkio } = read({
      blockIO: {
        weight: 10,
        weightDevice: [{ ...device, weight: 500 }],
        throttleReadBpsDevice: [
          { ...device, rate: 1 },
          { major: 8, minor: 16, rate: 0 },
        ],
        throttleWriteIOPSDevice: [{ ...device, rate: 2 }],
      },
    });
    expect(blkio).toEqual({
      weight: 10,
      devices: [{ path: '/dev/block/8:0', weight: 500, readBytesSec: 1, writeIopsSec: 2 }],
    });
  });

  test('without a typed part are files of the group', () => {
    const { cgroupFiles } = read({
      memory: { swappiness: 10, disableOOMKiller: true },
      cpu: { burst: 5, idle: 1 },
      hugepageLimits: [{ pageSize: '2MB', limit: 7 }],
      network: { classID: 3, priorities: [{ name: 'eth0', priority: 4 }] },
      rdma: { mlx5_1: { hcaHandles: 3 } },
      unified: { 'memory.high': '9' },
    });
    expect(cgroupFiles?.map(({ version, file, value, twin }) => `v${version} ${file}=${value} ${twin ?? ''}`)).toEqual([
      'v1 memory.swappiness=10 ',
      'v1 memory.oom_control=1 ',
      'v1 cpu.cfs_burst_us=5 cpu.max.burst',
      'v1 cpu.idle=1 cpu.idle',
      'v1 hugetlb.2MB.limit_in_bytes=7 hugetlb.2MB.max',
      'v1 net_cls.classid=3 ',
      'v1 net_prio.ifpriomap=eth0 4 ',
      'v1 rdma.max=mlx5_1 hca_handle=3 rdma.max',
      'v2 memory.high=9 ',
    ]);
  });

  test('of devices leave those that every container has', () => {
    const rules =
      read({
        devices: [
          { allow: false, access: 'rwm' },
          { allow: true, type: 'b', major: 8, access: 'wr' },
        ],
      }).devices?.rules ?? [];
    expect(rules.slice(0, 2)).toEqual([
      { allow: false, kind: 'all', access: 'rwm' },
      { allow: true, kind: 'block', major: 8, access: 'rw' },
    ]);
    expect(rules.slice(2).map(({ allow, major, minor }) => [allow, major, minor])).toEqual([
      [true, 1, 3],
      [true, 1, 5],
      [true, 1, 7],
      [true, 1, 8],
      [true, 1, 9],
      [true, 5, 0],
      [true, 5, 2],
      [true, 136, undefined],
    ]);
  });
});

describe('seccomp', () => {
  const read = (seccomp: unknown) => specOf(configText({ linux: { seccomp } })).security.seccomp;

  test('is the profile of the text, with all 64 bits of its values', () => {
    const args = [{ index: 0, value: 7, valueTwo: 8, op: 'SCMP_CMP_MASKED_EQ' }];
    const text = configText({
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ERRNO',
          defaultErrnoRet: 38,
          syscalls: [{ names: ['clone'], action: 'SCMP_ACT_ALLOW', args }],
        },
      },
    }).replace('"value": 7', '"value": 18446744073709551615');
    expect(specOf(text).security.seccomp).toEqual({
      defaultAction: 'errno',
      defaultErrno: 38,
      rules: [
        {
          names: ['clone'],
          action: 'allow',
          args: [{ index: 0, op: 'masked-eq', value: '18446744073709551615', valueTwo: 8 }],
        },
      ],
    });
  });

  test('with two conditions on one argument is two rules, as for other runtimes', () => {
    const args = [
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 0, value: 2, op: 'SCMP_CMP_EQ' },
    ];
    const seccomp = read({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args }],
    });
    expect(seccomp).toMatchObject({ rules: [{ args: [{ value: 1 }] }, { args: [{ value: 2 }] }] });
  });

  test('that allows all is the opt-out, none is ctr’s own', () => {
    expect([read({ defaultAction: 'SCMP_ACT_ALLOW' }), read(undefined)]).toEqual(['none', 'os']);
  });
});
