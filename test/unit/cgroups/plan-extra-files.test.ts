import { describe, expect, test } from 'vitest';
import { listExtraWrites } from '../../../src/cgroups/plan-extra-files.js';
import { LAYOUTS } from '../container/example-specs.js';

const list = (version: 1 | 2, file: string, layout: keyof typeof LAYOUTS) =>
  listExtraWrites({ name: 'web', cgroupFiles: [{ version, file, value: '7' }] }, LAYOUTS[layout]);

describe('listExtraWrites', () => {
  test('finds the hierarchy of a file by its first word', () => {
    expect(list(1, 'cpu.cfs_quota_us', 'v1')).toEqual([
      { write: ['cpu.cfs_quota_us', '7'], mountpoint: '/sys/fs/cgroup/cpu,cpuacct' },
    ]);
    expect(list(2, 'memory.max', 'v2')).toEqual([{ write: ['memory.max', '7'], controller: 'memory' }]);
    expect(list(2, 'cgroup.max.depth', 'hybrid')).toEqual([{ write: ['cgroup.max.depth', '7'] }]);
  });

  test.each([
    [1, 'memory.limit_in_bytes', 'v2', "this host has no cgroup v1 controller 'memory'"],
    [2, 'memory.max', 'hybrid', "this host has no cgroup v2 controller 'memory'"],
    [2, 'memory.max', 'v1', 'this host has no cgroup v2'],
    [2, 'cgroup.procs', 'v2', 'it belongs to ctr'],
    [2, 'cgroup.kill', 'v2', 'it belongs to ctr'],
    [1, 'freezer.state', 'v1', 'it belongs to ctr'],
    [1, 'tasks', 'v1', 'it is no file of a cgroup'],
    [2, '../memory.max', 'v2', 'it is no file of a cgroup'],
    [2, 'memory.x/../../y', 'v2', 'it is no file of a cgroup'],
  ] as const)('of version %i refuses %s on %s', (version, file, layout, reason) => {
    expect(() => list(version, file, layout)).toThrow(`cannot write '${file}' for 'web': ${reason}`);
  });
});
