import { describe, expect, test } from 'vitest';
import { listExtraWrites } from '../../../src/cgroups/plan-extra-files.js';
import type { CgroupFileSpec } from '../../../src/config/spec.js';
import { LAYOUTS } from '../container/example-specs.js';

function list(file: CgroupFileSpec, layout: Parameters<typeof listExtraWrites>[1]) {
  return listExtraWrites({ name: 'web', cgroupFiles: [file] }, layout);
}

const v2 = (controllers: readonly string[]) => ({
  v1: {},
  v2: { mountpoint: '/sys/fs/cgroup', base: '', controllers, freezes: true },
});

describe('listExtraWrites', () => {
  test('writes to the file that is asked for, where its version has the controller', () => {
    expect(list({ version: 1, file: 'memory.swappiness', value: '5' }, LAYOUTS.v1)).toEqual([
      { write: ['memory.swappiness', '5'], mountpoint: '/sys/fs/cgroup/memory' },
    ]);
    const twin = { version: 1, file: 'cpu.idle', value: '1', twin: 'cpu.idle' } as const;
    expect(list(twin, { ...v2(['cpu']), v1: { cpu: '/cpu' } })).toEqual([
      { write: ['cpu.idle', '1'], mountpoint: '/cpu' },
    ]);
  });

  test('writes to the twin of the other version where only that has the controller', () => {
    expect(list({ version: 1, file: 'cpu.cfs_burst_us', value: '7', twin: 'cpu.max.burst' }, v2(['cpu']))).toEqual([
      { write: ['cpu.max.burst', '7'], controller: 'cpu' },
    ]);
    expect(list({ version: 2, file: 'io.x', value: '7', twin: 'blkio.x' }, { v1: { blkio: '/b' } })).toEqual([
      { write: ['blkio.x', '7'], mountpoint: '/b' },
    ]);
  });

  test('refuses what neither version has, by the name of the file that is asked for', () => {
    const file = { version: 1, file: 'hugetlb.2MB.limit_in_bytes', value: '0', twin: 'hugetlb.2MB.max' } as const;
    expect(() => list(file, v2(['cpu']))).toThrow(
      "cannot write 'hugetlb.2MB.limit_in_bytes' for 'web': this host has no cgroup v1 controller 'hugetlb'",
    );
    expect(() => list({ version: 1, file: 'cpu.idle', value: '1' }, v2(['cpu']))).toThrow(
      /no cgroup v1 controller 'cpu'/,
    );
  });

  test('never to a file that ctr keeps for itself, by whichever name', () => {
    expect(() => list({ version: 2, file: 'cgroup.procs', value: '1' }, v2([]))).toThrow(/it belongs to ctr/);
    expect(() => list({ version: 1, file: 'freezer.x', value: '1', twin: 'cgroup.freeze' }, v2([]))).toThrow(
      /cannot write 'freezer.x'/,
    );
  });
});
