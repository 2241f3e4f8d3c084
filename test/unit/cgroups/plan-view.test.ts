import { describe, expect, test } from 'vitest';
import { planCgroups } from '../../../src/cgroups/plan-groups.js';
import { planCgroupView } from '../../../src/cgroups/plan-view.js';
import { MS, OPTION } from '../../../src/exec/plan.js';
import { LAYOUTS, type LayoutName } from '../container/example-specs.js';

const ROOT = { uid: 1000, gid: 2000 };

function planView(layout: LayoutName, cpu = { count: 1 }) {
  const cgroups = LAYOUTS[layout];
  const spec = { name: 'web', memory: { totalBytes: 1000 }, cpu };
  const { groups } = planCgroups({ spec, devices: [], hasUserNamespace: true }, { cgroups, cgroupParent: 'ctr' });
  return planCgroupView(groups, cgroups, ROOT);
}

describe('planCgroupView', () => {
  test('shows the group itself on a host of v2 alone', () => {
    expect(planView('v2')).toEqual([
      {
        op: 'bind',
        source: '/sys/fs/cgroup/user.slice/ctr.service/ctr/web',
        target: '/sys/fs/cgroup',
        flags: MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC,
        options: OPTION.NO_SYMLINKS,
      },
    ]);
  });

  test('shows the group of each hierarchy, read-only, in a directory of root inside', () => {
    const [directory, ...binds] = planView('hybrid');
    expect(directory).toMatchObject({ op: 'mount', fstype: 'tmpfs', data: 'mode=755,size=65536,uid=1000,gid=2000' });
    expect(binds.map((op) => (op.op === 'bind' && Number(op.flags) & MS.RDONLY ? op.target : op))).toEqual([
      '/sys/fs/cgroup/unified',
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/pids',
      '/sys/fs/cgroup/devices',
    ]);
  });

  test('links the names of controllers that are mounted together', () => {
    const links = planView('v1', { count: 1, shares: 5 } as { count: number }).filter(({ op }) => op === 'symlink');
    expect(links).toEqual([
      { op: 'symlink', path: '/sys/fs/cgroup/cpu', target: 'cpu,cpuacct' },
      { op: 'symlink', path: '/sys/fs/cgroup/cpuacct', target: 'cpu,cpuacct' },
    ]);
  });

  test('shows nothing without a group', () => {
    expect(planCgroupView([], LAYOUTS.none, ROOT)).toEqual([]);
  });
});
