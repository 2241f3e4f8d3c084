import { posix } from 'node:path';
import type { KernelMountsSpec } from '../config/spec.js';
import { MS, OPTION, type Op } from '../exec/plan.js';
import type { CgroupLayout } from '../system/host-facts.js';
import type { Group } from './plan-groups.js';

const TARGET = '/sys/fs/cgroup';
const LOCKED_DOWN = MS.NOSUID | MS.NODEV | MS.NOEXEC;

export interface CgroupViewOptions {
  /** The container's root, as the host sees it. */
  readonly root: { readonly uid: number; readonly gid: number };
  readonly hasUserNamespace: boolean;
  /** Absent: read-only. */
  readonly mode?: KernelMountsSpec['cgroup'];
}

/**
 * What the container sees of its groups, unless the mode says otherwise read-only: on a host of v2 alone its group, else a directory with its group of each
 * hierarchy it is in, named as on the host (`unified` for v2), and a link for each of several controllers that share one.
 */
export function planCgroupView(groups: readonly Group[], layout: CgroupLayout, options: CgroupViewOptions): Op[] {
  const { root, mode = 'readonly' } = options;
  const [only] = groups;
  if (only === undefined || mode === 'none') return [];
  const bindGroup = (group: Group, target: string) => bind(group, target, isWritable(group, layout, options));
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

/** Root inside makes groups below its own; the limits of its own stay the host's: their files are not given away. */
export function planDelegation(groups: readonly Group[], layout: CgroupLayout, options: CgroupViewOptions): Op[] {
  if (!options.hasUserNamespace) return [];
  return groups
    .filter((group) => isWritable(group, layout, options))
    .map(({ path, version }): Op => ({ op: 'cgroup-owner', path, version, ...options.root }));
}

/** Without a user namespace root inside could lift the rules for its devices: that hierarchy stays read-only. */
function isWritable(group: Group, layout: CgroupLayout, { mode, hasUserNamespace }: CgroupViewOptions): boolean {
  const hasDevices = group.version === 1 && layout.v1.devices === group.mountpoint;
  return mode === 'writable' && (hasUserNamespace || !hasDevices);
}

function bind({ path }: Group, target: string, isWritableGroup: boolean): Op {
  const flags = LOCKED_DOWN | (isWritableGroup ? 0 : MS.RDONLY);
  return { op: 'bind', source: path, target, flags, options: OPTION.NO_SYMLINKS };
}
