import type { ContainerSpec, HookSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';

/** What lxcfs shows by the limits of who reads it, and is bound over the kernel's own. */
const VIEWS = [
  'proc/cpuinfo',
  'proc/diskstats',
  'proc/loadavg',
  'proc/meminfo',
  'proc/stat',
  'proc/swaps',
  'proc/uptime',
  'sys/devices/system/cpu/online',
] as const;

/**
 * Whether a container is to see its own limits in /proc. Where its definition does not say so, it does when it has a limit of memory
 * or processors to see; one that nests others does not, since the kernel refuses those a procfs while any of ours is covered.
 */
export function wantsViews(spec: ContainerSpec): boolean {
  const { views, proc, procSubset } = spec.kernelMounts ?? {};
  if (views !== undefined) return views === 'on';
  if (proc === 'none' || procSubset !== undefined || spec.security.nesting) return false;
  const { totalBytes, hardLimitBytes, swapHardLimitBytes } = spec.memory;
  const { cpuset, quotaUs } = spec.cpu;
  return (
    [totalBytes, hardLimitBytes, swapHardLimitBytes, cpuset].some((limit) => limit !== undefined) ||
    (quotaUs ?? -1) > 0 ||
    (spec.hooks ?? []).some(isViewsHook)
  );
}

/** The hook by which LXC's packages ask for the same: it is not run, what it does is part of the plan. */
export function isViewsHook({ when, args, path }: HookSpec): boolean {
  return when === 'mount' && [path, ...args].some((text) => /\/lxcfs\/lxc\.mount\.hook$/.test(text.trim()));
}

/**
 * The binds. lxcfs may end before a start: then the container has the kernel's own files, unless its definition asks for these.
 *
 * @throws CtrError CTR_UNSUPPORTED when its definition asks and no lxcfs runs
 */
export function planViews(spec: ContainerSpec, { views }: Pick<HostFacts, 'views'>): Op[] {
  if (!wantsViews(spec)) return [];
  const isAsked = spec.kernelMounts?.views === 'on';
  if (views === undefined) {
    if (!isAsked) return [];
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${spec.name}': its views of /proc need lxcfs, and none runs`, {
      hint: 'ctr check says why; apt-get install lxcfs',
    });
  }
  const hasSys = spec.kernelMounts?.sys !== 'none';
  const options = OPTION.EXISTING | OPTION.NO_SYMLINKS | (isAsked ? 0 : OPTION.IF_POSSIBLE);
  return VIEWS.filter((path) => hasSys || !path.startsWith('sys/')).map((path) => ({
    op: 'bind',
    source: `${views}/${path}`,
    target: `/${path}`,
    flags: MS.BIND,
    options,
  }));
}
