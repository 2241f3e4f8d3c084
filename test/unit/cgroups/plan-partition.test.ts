import { describe, expect, test } from 'vitest';
import { planCgroups } from '../../../src/cgroups/plan-groups.js';
import type { LimitsSpec } from '../../../src/cgroups/plan-limits.js';
import { OPTION } from '../../../src/exec/plan.js';
import type { HostFacts } from '../../../src/system/host-facts.js';
import { LAYOUTS } from '../container/example-specs.js';

const SPEC: LimitsSpec = { name: 'web', memory: { totalBytes: 1000 }, cpu: { count: 1 } };

describe('a partition', () => {
  const planIn = (partition: string) =>
    planCgroups(
      { spec: { ...SPEC, partition }, devices: [], hasUserNamespace: false },
      { cgroups: LAYOUTS.v1, cgroupPrefix: 'ctr' },
    );

  test('that is libvirt’s default changes nothing', () => {
    expect(planIn('/machine')).toEqual(planIn('/'));
  });

  test('is above ctr’s own group, in each hierarchy that limits something', () => {
    const { ops, groups } = planIn('/prod/web');
    expect(groups.map(({ path }) => path)).toContain('/sys/fs/cgroup/memory/prod/web/ctr.web');
    expect(new Set(groups.map(({ mountpoint }) => mountpoint))).toEqual(
      new Set(
        Object.entries(LAYOUTS.v1.v1)
          .filter(([controller]) => !controller.startsWith('name='))
          .map(([, mountpoint]) => mountpoint),
      ),
    );
    const dirs = ops.flatMap((op) =>
      op.op === 'cgroup-dir' && op.path.startsWith('/sys/fs/cgroup/memory/') ? [[op.path, op.options]] : [],
    );
    const partition = OPTION.SHARED | OPTION.PARTITION;
    expect(dirs).toEqual([
      ['/sys/fs/cgroup/memory/prod', partition],
      ['/sys/fs/cgroup/memory/prod/web', partition],
      ['/sys/fs/cgroup/memory/prod/web/ctr.web', 0],
    ]);
  });

  test('of v2 hands the controllers down', () => {
    const { ops } = planCgroups(
      { spec: { ...SPEC, partition: '/prod', pids: { max: 5 } }, devices: [], hasUserNamespace: true },
      {
        cgroups: { v1: {}, v2: { mountpoint: '/c', base: '', controllers: ['memory', 'pids'], freezes: true } },
        cgroupPrefix: 'ctr',
      },
    );
    const handed = ops.flatMap((op) => (op.op === 'cgroup-write' && op.path.endsWith('control') ? [op.path] : []));
    expect(handed).toEqual(['/c', '/c/prod'].map((path) => `${path}/cgroup.subtree_control`));
  });

  test('that is no path of cgroups, or for an ordinary user, is refused', () => {
    for (const odd of ['/../x', '/a b', `/${'x'.repeat(65)}`, '/1/2/3/4/5/6/7/8/9'])
      expect(() => planIn(odd)).toThrow(`cannot place 'web' in partition '${odd}': it is no path of cgroups`);
    const user = { uid: 1000, gid: 1000 } as NonNullable<HostFacts['user']>;
    expect(() =>
      planCgroups(
        { spec: { ...SPEC, partition: '/prod' }, devices: [], hasUserNamespace: true },
        { cgroups: LAYOUTS.v2, cgroupPrefix: 'ctr', user },
      ),
    ).toThrow(/only the cgroups that are delegated to him/);
  });
});
