import { describe, expect, test } from 'vitest';
import { sayTakenAway } from '../../../src/cgroups/plan-change.js';
import { planCgroups } from '../../../src/cgroups/plan-groups.js';
import type { LimitsSpec } from '../../../src/cgroups/plan-limits.js';
import { planChanges } from '../../../src/cgroups/plan-writes.js';
import { LAYOUTS } from '../container/example-specs.js';

const HOST = { cpus: '0-3', memoryNodes: '0' };
const SPEC: LimitsSpec = { name: 'web', memory: { totalBytes: 4096 }, cpu: { count: 1 } };

/** `FILE=VALUE` of what changes, groups that have to be made with a `+`. */
function changes(layout: 'v1' | 'v2', before: Partial<LimitsSpec>, now: Partial<LimitsSpec>): string[] {
  const planOf = (spec: LimitsSpec) =>
    planCgroups(
      { spec, devices: [], hasUserNamespace: true },
      { cgroups: LAYOUTS[layout], cgroupPrefix: 'ctr', ...HOST },
    ).ops;
  const [old, fresh] = [
    { ...SPEC, ...before },
    { ...SPEC, ...now },
  ];
  return planChanges(planOf(sayTakenAway(old, fresh, HOST)), planOf(old)).flatMap(({ isNew, writes }) => [
    ...(isNew ? ['+'] : []),
    ...writes.map((write) => `${write.path.replace(/.*\/ctr\.web\//, '')}=${write.value}`),
  ]);
}

describe('limits of a running container', () => {
  test('that stay are not written', () => {
    const same = { pids: { max: 5 }, memory: { totalBytes: 8192, softLimitBytes: 4096 } };
    for (const layout of ['v1', 'v2'] as const) expect(changes(layout, same, same)).toEqual([]);
  });

  test('that change are, and no others', () => {
    const before = { pids: { max: 5 } };
    expect(changes('v1', before, { pids: { max: 6 } })).toEqual(['pids.max=6']);
    expect(changes('v2', before, { ...before, memory: { totalBytes: 8192 } })).toEqual(['memory.max=8192']);
  });

  test('of a controller that it has no group of are in a group that is made', () => {
    expect(changes('v1', {}, { cpu: { count: 1, shares: 512 } })).toEqual(['+', 'cpu.shares=512']);
    expect(changes('v2', {}, { cpu: { count: 1, shares: 512 } })).toEqual(['cpu.weight=59']);
  });

  test('that are taken away are said so', () => {
    const before = {
      memory: { totalBytes: 8192, softLimitBytes: 4096, swapHardLimitBytes: 16384 },
      cpu: { count: 1, shares: 5, periodUs: 5000, quotaUs: 2000, cpuset: '0' },
      pids: { max: 5 },
      blkio: { weight: 10, devices: [{ path: '/dev/sda', readBytesSec: 5, weight: 20 }] },
    };
    const now = { memory: {}, cpu: { count: 1 } };
    expect(changes('v1', before, now)).toEqual([
      'memory.limit_in_bytes=-1',
      'memory.soft_limit_in_bytes=-1',
      'memory.memsw.limit_in_bytes=-1',
      'pids.max=max',
      'cpuset.cpus=0-3',
      'cpu.shares=1024',
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=-1',
      'blkio.bfq.weight=100',
      'blkio.bfq.weight_device=0',
      'blkio.throttle.read_bps_device=0',
    ]);
    expect(changes('v2', before, now)).toEqual([
      'memory.max=max',
      'memory.high=max',
      'memory.swap.max=max',
      'pids.max=max',
      'cpuset.cpus=0-3',
      'cpu.weight=100',
      'cpu.max=max 100000',
      'io.weight=default 100',
      'io.weight=default',
      'io.max=rbps=max',
    ]);
  });

  test('swap on v2 follows when the limit of memory changes', () => {
    const before = { memory: { totalBytes: 8192, swapHardLimitBytes: 16384 } };
    expect(changes('v2', before, { memory: { ...before.memory, totalBytes: 12288 } })).toEqual([
      'memory.max=12288',
      'memory.swap.max=4096',
    ]);
  });
});
