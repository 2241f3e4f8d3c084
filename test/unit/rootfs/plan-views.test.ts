import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { OPTION } from '../../../src/exec/plan.js';
import { isViewsHook, planViews, wantsViews } from '../../../src/rootfs/plan-views.js';

type Parts = Partial<Pick<ContainerSpec, 'memory' | 'cpu' | 'kernelMounts' | 'security' | 'hooks'>>;

function specOf(parts: Parts = {}): ContainerSpec {
  const security = { seccomp: 'os', masks: true, nesting: false };
  return { name: 'web', memory: {}, cpu: { count: 1 }, security, ...parts } as ContainerSpec;
}

const nesting = { seccomp: 'os', masks: true, nesting: true } as ContainerSpec['security'];
const hook = {
  when: 'mount',
  path: '/bin/sh',
  args: ['-c', '/usr/share/lxcfs/lxc.mount.hook'],
  convention: 'lxc',
} as const;

test('who has a limit to see sees it, unless the definition says no or has no /proc for it', () => {
  const limited = { memory: { totalBytes: 65536 } };
  for (const parts of [
    limited,
    { cpu: { count: 1, quotaUs: 1000 } },
    { cpu: { count: 1, cpuset: '0' } },
    { hooks: [hook] },
  ]) {
    expect(wantsViews(specOf(parts))).toBe(true);
  }
  expect(wantsViews(specOf())).toBe(false);
  expect(wantsViews(specOf({ cpu: { count: 1, quotaUs: -1 } }))).toBe(false);
  expect(wantsViews(specOf({ ...limited, security: nesting }))).toBe(false);
  expect(wantsViews(specOf({ ...limited, kernelMounts: { views: 'off' } }))).toBe(false);
  expect(wantsViews(specOf({ ...limited, kernelMounts: { proc: 'none' } }))).toBe(false);
  expect(wantsViews(specOf({ ...limited, kernelMounts: { procSubset: 'pid' } }))).toBe(false);
  expect(wantsViews(specOf({ kernelMounts: { views: 'on' } }))).toBe(true);
});

test('they are optional, unless the definition asks for them', () => {
  const ops = planViews(specOf({ memory: { totalBytes: 65536 } }), { views: '/run/v' });
  expect(ops).toHaveLength(8);
  expect(ops).toContainEqual({
    op: 'bind',
    source: '/run/v/proc/meminfo',
    target: '/proc/meminfo',
    flags: 4096,
    options: OPTION.EXISTING | OPTION.NO_SYMLINKS | OPTION.IF_POSSIBLE,
  });
  const asked = planViews(specOf({ kernelMounts: { views: 'on', sys: 'none' } }), { views: '/run/v' });
  expect(asked).toHaveLength(7);
  for (const op of asked) expect(op).toMatchObject({ options: OPTION.EXISTING | OPTION.NO_SYMLINKS });
});

test('without lxcfs there are none, and who asks for them is refused', () => {
  expect(planViews(specOf({ memory: { totalBytes: 65536 } }), {})).toEqual([]);
  expect(() => planViews(specOf({ kernelMounts: { views: 'on' } }), {})).toThrow(
    "cannot start 'web': its views of /proc need lxcfs, and none runs",
  );
});

test("the hook of LXC's packages is known by its file", () => {
  expect(isViewsHook(hook)).toBe(true);
  expect(isViewsHook({ ...hook, when: 'pre-mount' })).toBe(false);
  expect(isViewsHook({ ...hook, args: ['-c', '/opt/my.hook'] })).toBe(false);
});
