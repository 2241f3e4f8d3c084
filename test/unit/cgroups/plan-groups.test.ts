import { describe, expect, test } from 'vitest';
import { planCgroups } from '../../../src/cgroups/plan-groups.js';
import type { LimitsSpec } from '../../../src/cgroups/plan-limits.js';
import type { Op } from '../../../src/exec/plan.js';
import type { CgroupLayout } from '../../../src/system/host-facts.js';
import { LAYOUTS } from '../container/example-specs.js';

const SPEC: LimitsSpec = { name: 'web', memory: { totalBytes: 1000 }, cpu: { count: 1 } };

function plan(spec: Partial<LimitsSpec>, cgroups: CgroupLayout, hasUserNamespace = false) {
  return planCgroups({ spec: { ...SPEC, ...spec }, devices: [], hasUserNamespace }, { cgroups, cgroupPrefix: 'ctr' });
}

/** `FILE=VALUE` of each write below the group, devices left out. */
function writes(ops: readonly Op[]): string[] {
  return ops
    .flatMap((op) => (op.op === 'cgroup-write' ? [`${op.path.replace(/.*\/ctr\.web\//, '')}=${op.value}`] : []))
    .filter((write) => !write.startsWith('devices.') && !write.includes('subtree_control'));
}

const madeDirectories = (ops: readonly Op[]): string[] =>
  ops.flatMap((op) => (op.op === 'cgroup-dir' ? [op.path] : []));

describe('planCgroups', () => {
  test('makes groups of the controllers that are used, and the v2 group always and first', () => {
    const { groups } = plan({}, LAYOUTS.hybrid);
    expect(groups.map(({ path, version }) => `${version} ${path}`)).toEqual([
      '2 /sys/fs/cgroup/unified/ctr.web',
      '1 /sys/fs/cgroup/memory/ctr.web',
      '1 /sys/fs/cgroup/pids/ctr.web',
      '1 /sys/fs/cgroup/freezer/ctr.web',
      '1 /sys/fs/cgroup/devices/ctr.web',
    ]);
  });

  test('freezes by the v2 group instead of a v1 freezer where root inside can write to no hierarchy', () => {
    const freezers = (layout: CgroupLayout, hasUserNamespace: boolean) =>
      plan({}, layout, hasUserNamespace).groups.filter(({ path }) => path.includes('/freezer/')).length;
    expect(freezers(LAYOUTS.hybrid, true)).toBe(0);
    expect(freezers(LAYOUTS.hybrid, false)).toBe(1);
    expect(freezers(LAYOUTS.v1, true)).toBe(1);
    const old = { ...LAYOUTS.hybrid, v2: { ...LAYOUTS.hybrid.v2, freezes: false } };
    expect(freezers(old, true)).toBe(1);
  });

  test('counts CPU time by the v2 group, or by cpuacct where v2 is not mounted', () => {
    const counters = (layout: CgroupLayout) =>
      plan({ cpu: { count: 1, shares: 10 } }, layout).groups.filter(({ path }) => path.includes('cpuacct')).length;
    expect(counters(LAYOUTS.hybrid)).toBe(0);
    expect(counters({ v1: LAYOUTS.hybrid.v1 })).toBe(1);
  });

  test('puts a quota where lxcfs looks for it: in the groups of v1 that have the path of the cpuset', () => {
    const names = (cpu: LimitsSpec['cpu'], views?: string) =>
      planCgroups(
        { spec: { ...SPEC, cpu }, devices: [], hasUserNamespace: true },
        { cgroups: LAYOUTS.hybrid, cgroupPrefix: 'ctr', views },
      ).groups.map(({ path }) => path.split('/')[4]);
    const cpu = { count: 1, quotaUs: 1000 };
    expect(names(cpu)).toEqual(['unified', 'memory', 'pids', 'cpu', 'devices']);
    expect(names(cpu, '/lxcfs')).toEqual(['unified', 'memory', 'pids', 'cpuset', 'cpu', 'cpuacct', 'devices']);
    expect(names({ count: 1, cpuset: '0' }, '/lxcfs')).toContain('cpuacct');
    expect(names({ count: 1, quotaUs: -1 }, '/lxcfs')).not.toContain('cpuset');
  });

  test('joins every group it makes, each once and after its limits', () => {
    for (const layout of [LAYOUTS.v1, LAYOUTS.hybrid, LAYOUTS.v2]) {
      const { ops, groups } = plan({ cpu: { count: 1, shares: 10, cpuset: '0' } }, layout);
      const joined = ops.flatMap((op) => (op.op === 'cgroup-join' ? [op.path] : []));
      expect(joined).toEqual(groups.map(({ path }) => path));
      expect(new Set(madeDirectories(ops)).size).toBe(madeDirectories(ops).length);
      for (const path of joined) {
        const last = ops.findLastIndex((op) => op.op === 'cgroup-write' && op.path.startsWith(`${path}/`));
        expect(ops.findIndex((op) => op.op === 'cgroup-join' && op.path === path)).toBeGreaterThan(last);
      }
    }
  });

  test('makes one group where controllers are mounted together', () => {
    const { ops } = plan({ cpu: { count: 1, shares: 10 } }, LAYOUTS.v1);
    expect(madeDirectories(ops).filter((path) => path.includes('cpu,cpuacct'))).toEqual([
      '/sys/fs/cgroup/cpu,cpuacct/ctr.web',
    ]);
  });

  test('hands controllers down through every v2 group above, before it makes the group', () => {
    const { ops } = plan({ pids: { max: 5 } }, LAYOUTS.v2);
    expect(ops.slice(0, 2)).toEqual([
      {
        op: 'cgroup-write',
        path: '/sys/fs/cgroup/user.slice/ctr.service/cgroup.subtree_control',
        value: '+memory +pids',
      },
      { op: 'cgroup-dir', path: '/sys/fs/cgroup/user.slice/ctr.service/ctr.web', options: 0 },
    ]);
  });

  test('enables no v2 controller that v1 serves', () => {
    const { ops } = plan({}, LAYOUTS.hybrid);
    expect(ops.filter((op) => op.op === 'cgroup-write' && op.path.includes('subtree_control'))).toEqual([]);
  });

  test('fills the cpuset of each new group before anything joins it', () => {
    const { ops } = plan({ cpu: { count: 1, cpuset: '0-1' } }, LAYOUTS.v1);
    const path = '/sys/fs/cgroup/cpuset/ctr.web';
    const own = ops.filter((op) => 'path' in op && op.path.startsWith(path)).map((op) => op.op);
    expect(own).toEqual(['cgroup-dir', 'cgroup-cpuset', 'cgroup-write', 'cgroup-join']);
  });
});

describe('a unit of systemd', () => {
  const unit = { slice: 'machine.slice', name: 'ctr.scope' };
  const base = 'machine.slice/ctr.scope';
  const v2 = { mountpoint: '/c', base, controllers: ['memory', 'pids'], freezes: true, unit } as const;

  test('is there before the groups that are below it', () => {
    const { ops, groups } = plan({}, { v1: {}, v2 });
    expect(ops[0]).toEqual({ op: 'cgroup-unit', mountpoint: '/c', slice: unit.slice, unit: unit.name });
    expect(groups.map(({ path }) => path)).toEqual([`/c/${base}/ctr.web`]);
  });

  test('is not above a partition, which is a path from the top', () => {
    const request = { spec: { ...SPEC, partition: '/prod' }, devices: [], hasUserNamespace: true };
    const { groups } = planCgroups(request, { cgroups: { v1: {}, v2 }, cgroupPrefix: 'ctr' });
    expect(groups.map(({ path }) => path)).toEqual(['/c/prod/ctr.web']);
  });
});

describe('limits', () => {
  const memory = { totalBytes: 1000, hardLimitBytes: 800, softLimitBytes: 500, swapHardLimitBytes: 900 };

  test('of memory: the hard limit overrides the total, swap counts memory too', () => {
    expect(writes(plan({ memory }, LAYOUTS.v1).ops)).toEqual([
      'memory.limit_in_bytes=800',
      'memory.soft_limit_in_bytes=500',
      'memory.memsw.limit_in_bytes=900',
    ]);
    expect(writes(plan({ memory }, LAYOUTS.v2).ops)).toEqual([
      'memory.max=800',
      'memory.high=500',
      'memory.swap.max=100',
    ]);
    expect(writes(plan({}, LAYOUTS.v2).ops)).toEqual(['memory.max=1000']);
  });

  test('of memory: libvirt’s number for none is none', () => {
    const none = (2 ** 53 - 1) * 1024;
    const unlimited = { totalBytes: 1000, hardLimitBytes: none, swapHardLimitBytes: none };
    expect(writes(plan({ memory: unlimited }, LAYOUTS.v1).ops)).toEqual([
      'memory.limit_in_bytes=-1',
      'memory.memsw.limit_in_bytes=-1',
    ]);
    expect(writes(plan({ memory: unlimited }, LAYOUTS.v2).ops)).toEqual(['memory.max=max', 'memory.swap.max=max']);
  });

  test('of memory and swap below that of memory is refused', () => {
    expect(() => plan({ memory: { totalBytes: 1000, swapHardLimitBytes: 999 } }, LAYOUTS.v1)).toThrow(
      "cannot limit the memory of 'web': memory.swap is 999, below the limit of 1000 bytes",
    );
  });

  test('of CPU time: v2 has the weight that is as much as the shares', () => {
    const cpu = { count: 1, shares: 512, periodUs: 50000, quotaUs: 25000 };
    expect(writes(plan({ cpu }, LAYOUTS.v1).ops).slice(1)).toEqual([
      'cpu.shares=512',
      'cpu.cfs_period_us=50000',
      'cpu.cfs_quota_us=25000',
    ]);
    expect(writes(plan({ cpu }, LAYOUTS.v2).ops).slice(1)).toEqual(['cpu.weight=59', 'cpu.max=25000 50000']);
  });

  test('of CPU time: a negative quota is none', () => {
    expect(writes(plan({ cpu: { count: 1, quotaUs: -1 } }, LAYOUTS.v1).ops)).toContain('cpu.cfs_quota_us=-1');
    expect(writes(plan({ cpu: { count: 1, quotaUs: -5 } }, LAYOUTS.v2).ops)).toContain('cpu.max=max 100000');
  });

  test.each([
    ['cpu.shares', '1 to 262144', { cpu: { count: 1, shares: 262145 } }],
    ['cpu.cfs_period_us', '1000 to 1000000', { cpu: { count: 1, periodUs: 999 } }],
    ['cpu.cfs_quota_us', '1000 to 17592186044415', { cpu: { count: 1, quotaUs: 1 } }],
    ['pids.max', '1 to 4194304', { pids: { max: 4194305 } }],
    ['blkio.weight', '10 to 1000', { blkio: { weight: 9 } }],
  ] satisfies [string, string, Partial<LimitsSpec>][])('of %s are from %s, on both versions', (file, range, spec) => {
    for (const layout of [LAYOUTS.v1, LAYOUTS.v2])
      expect(() => plan(spec, layout)).toThrow(`${file} is from ${range}, not `);
  });

  test('of CPUs and memory nodes that the host has not are refused, with those it has', () => {
    const planOn = (spec: Partial<LimitsSpec>) =>
      planCgroups(
        { spec: { ...SPEC, ...spec }, devices: [], hasUserNamespace: false },
        { cgroups: LAYOUTS.v1, cgroupPrefix: 'ctr', cpus: '0-3,6', memoryNodes: '0' },
      );
    expect(() => planOn({ cpu: { count: 1, cpuset: '1,3-4' } })).toThrow(
      "cannot pin 'web' to CPUs: cpuset.cpus is '1,3-4', and this host has 0-3,6",
    );
    expect(() => planOn({ numa: { mode: 'strict', nodeset: '0-1' } })).toThrow(
      "cpuset.mems is '0-1', and this host has 0",
    );
    expect(writes(planOn({ cpu: { count: 1, cpuset: '6,0-2,3' } }).ops)).toContain('cpuset.cpus=6,0-2,3');
  });

  test('of processes and disk access', () => {
    const spec = { pids: { max: 64 }, blkio: { weight: 200 } };
    expect(writes(plan(spec, LAYOUTS.v1).ops).slice(1)).toEqual(['pids.max=64', 'blkio.bfq.weight=200']);
    expect(writes(plan(spec, LAYOUTS.v2).ops).slice(1)).toEqual(['pids.max=64', 'io.weight=default 1920']);
  });

  test.each([
    ['memory', {}],
    ['pids', { pids: { max: 1 } }],
    ['cpuset', { cpu: { count: 1, cpuset: '0' } }],
    ['cpu', { cpu: { count: 1, shares: 2 } }],
    ['blkio', { blkio: { weight: 100 } }],
  ] satisfies [string, Partial<LimitsSpec>][])(
    'are refused, naming the controller, where %s is missing',
    (controller, spec) => {
      const controllers = LAYOUTS.v2.v2.controllers.filter(
        (name) => name !== (controller === 'blkio' ? 'io' : controller),
      );
      expect(() => plan(spec, { v1: {}, v2: { ...LAYOUTS.v2.v2, controllers } })).toThrow(
        expect.objectContaining({
          code: 'CTR_UNSUPPORTED',
          message: expect.stringContaining(`this host has no cgroup controller '${controller}'`),
        }),
      );
    },
  );

  test('that nobody asked for need no controller', () => {
    const { ops } = plan({}, { v1: {}, v2: { ...LAYOUTS.v2.v2, controllers: ['memory'] } });
    expect(writes(ops)).toEqual(['memory.max=1000']);
  });
});

describe('devices', () => {
  test('are ruled by v1 where it is mounted, v2 of a hybrid host left out', () => {
    const { ops } = plan({}, LAYOUTS.hybrid);
    expect(ops).toContainEqual({ op: 'cgroup-write', path: '/sys/fs/cgroup/devices/ctr.web/devices.deny', value: 'a' });
    expect(ops.some(({ op }) => op === 'cgroup-devices')).toBe(false);
  });

  test('are ruled by a program of the v2 group otherwise', () => {
    const { ops } = plan({}, LAYOUTS.v2);
    expect(ops).toContainEqual(
      expect.objectContaining({ op: 'cgroup-devices', path: '/sys/fs/cgroup/user.slice/ctr.service/ctr.web' }),
    );
  });

  test('without either need a user namespace', () => {
    const memoryAlone = { v1: { memory: '/sys/fs/cgroup/memory' } };
    expect(() => plan({}, memoryAlone)).toThrow(/no cgroup controller 'devices'/);
    expect(plan({}, memoryAlone, true).groups.map(({ path }) => path)).toEqual(['/sys/fs/cgroup/memory/ctr.web']);
  });
});
