import { posix } from 'node:path';
import { MS, OPTION, type Op } from '../exec/plan.js';
import type { CgroupLayout } from '../system/host-facts.js';
import type { Group } from './plan-groups.js';

const TARGET = '/sys/fs/cgroup';
const LOCKED_DOWN = MS.NOSUID | MS.NODEV | MS.NOEXEC;

/**
 * What the container sees of its groups, read-only: on a host of v2 alone its group, else a directory with its group of each
 * hierarchy it is in, named as on the host (`unified` for v2), and a link for each of several controllers that share one.
 */
export function planCgroupView(
  groups: readonly Group[],
  layout: CgroupLayout,
  root: { readonly uid: number; readonly gid: number },
): Op[] {
  const [only] = groups;
  if (only === undefined) return [];
  if (Object.keys(layout.v1).length === 0) return [bindGroup(only, TARGET)];
  const data = `mode=755,size=65536,uid=${root.uid},gid=${root.gid}`;
  return [
    {
      op: 'mount',
      fstype: 'tmpfs',
      source: 'tmpfs',
      target: TARGET,
      flags: LOCKED_DOWN,
      data,
      options: OPTION.NO_SYMLINKS,
    },
    ...groups.flatMap((group) => [bindGroup(group, `${TARGET}/${nameOf(group)}`), ...linkControllers(group, layout)]),
  ];
}

function nameOf({ version, mountpoint }: Group): string {
  return version === 2 ? 'unified' : posix.basename(mountpoint);
}

function linkControllers(group: Group, layout: CgroupLayout): Op[] {
  const name = nameOf(group);
  return Object.entries(layout.v1)
    .filter(([controller, mountpoint]) => mountpoint === group.mountpoint && controller !== name)
    .map(([controller]): Op => ({ op: 'symlink', path: `${TARGET}/${controller}`, target: name }));
}

function bindGroup({ path }: Group, target: string): Op {
  return { op: 'bind', source: path, target, flags: LOCKED_DOWN | MS.RDONLY, options: OPTION.NO_SYMLINKS };
}
