import { describe, expect, test } from 'vitest';
import { planCgroups } from '../../../src/cgroups/plan-groups.js';
import { type CgroupViewOptions, planCgroupView, planDelegation } from '../../../src/cgroups/plan-view.js';
import { MS, OPTION } from '../../../src/exec/plan.js';
import { LAYOUTS, type LayoutName } from '../container/example-specs.js';

const ROOT = { uid: 1000, gid: 2000 };

function planView(layout: LayoutName, cpu = { count: 1 }, options: Partial<CgroupViewOptions> = {}) {
  const cgroups = LAYOUTS[layout];
  const spec = { name: 'web', memory: { totalBytes: 1000 }, cpu };
  const { groups } = planCgroups({ spec, devices: [], hasUserNamespace: true }, { cgroups, cgroupPrefix: 'ctr' });
  return planCgroupView(groups, cgroups, { root: ROOT, hasUserNamespace: true, ...options });
}

describe('planCgroupView', () => {
  test('shows the group itself on a host of v2 alone', () => {
    expect(planView('v2')).toEqual([
      {
        op: 'bind',
        source: '/sys/fs/cgroup/user.slice/ctr.service/ctr.web',
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
    expect(planCgroupView([], LAYOUTS.none, { root: ROOT, hasUserNamespace: true })).toEqual([]);
  });

  test('shows nothing where the configuration wants none', () => {
    expect(planView('hybrid', undefined, { mode: 'none' })).toEqual([]);
  });

  test('shows groups writable where asked, those of devices only behind a user namespace', () => {
    const writable = (hasUserNamespace: boolean) =>
      planView('hybrid', undefined, { mode: 'writable', hasUserNamespace }).flatMap((op) =>
        op.op === 'bind' && (Number(op.flags) & MS.RDONLY) === 0 ? [op.target.slice('/sys/fs/cgroup/'.length)] : [],
      );
    expect(writable(true)).toEqual(['unified', 'memory', 'pids', 'devices']);
    expect(writable(false)).toEqual(['unified', 'memory', 'pids']);
  });
});

describe('planDelegation', () => {
  const delegate = (options: Partial<CgroupViewOptions>) =>
    planDelegation([{ version: 2, mountpoint: '/sys/fs/cgroup', path: '/sys/fs/cgroup/ctr.web' }], LAYOUTS.v2, {
      root: ROOT,
      hasUserNamespace: true,
      mode: 'writable',
      ...options,
    });

  test('gives writable groups to root inside', () => {
    expect(delegate({})).toEqual([
      { op: 'cgroup-owner', path: '/sys/fs/cgroup/ctr.web', version: 2, uid: 1000, gid: 2000 },
    ]);
  });

  test('gives nothing away that is read-only, or belongs to the root of the host anyway', () => {
    expect(delegate({ mode: 'readonly' })).toEqual([]);
    expect(delegate({ hasUserNamespace: false })).toEqual([]);
  });
});
