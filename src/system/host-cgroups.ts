/** The cgroup layout of a host, from its mount table. Pure. */
import type { Mount } from './mountinfo.js';

/** Controllers of cgroup v1, cgroups(7): what else stands in the options of such a file system is not one. */
const V1_CONTROLLERS = new Set(
  'cpu cpuacct cpuset memory devices freezer net_cls blkio perf_event net_prio hugetlb pids rdma misc'.split(' '),
);

export interface CgroupMounts {
  /** Controller, or `name=…`, to the mount point of its hierarchy. */
  readonly v1: Readonly<Record<string, string>>;
  /** Mount point of cgroup v2. */
  readonly v2?: string;
}

/** Where each hierarchy is mounted writable. Of several mounts of one hierarchy, the first counts. */
export function findCgroupMounts(mounts: readonly Mount[]): CgroupMounts {
  const v1: Record<string, string> = {};
  let v2: string | undefined;
  for (const mount of mounts) {
    if (mount.options.includes('ro') || mount.superOptions.includes('ro')) continue;
    if (mount.fstype === 'cgroup2') v2 ??= mount.mountpoint;
    if (mount.fstype !== 'cgroup') continue;
    for (const option of mount.superOptions) {
      if (V1_CONTROLLERS.has(option) || option.startsWith('name=')) v1[option] ??= mount.mountpoint;
    }
  }
  return v2 === undefined ? { v1 } : { v1, v2 };
}
