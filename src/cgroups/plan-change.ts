/** Limits of a running container: what a change of its spec comes to. Pure. */
import type { BlkioDeviceSpec, ContainerSpec } from '../config/spec.js';
import type { LimitsSpec } from './plan-limits.js';

type Limits = LimitsSpec & Pick<ContainerSpec, 'cgroupFiles' | 'partition'>;

const NONE = Number.POSITIVE_INFINITY;

/** Beyond what either version holds: both take it for their largest. A multiple of all page sizes. */
const HUGE = '9223372036854710272';

/**
 * The limits of `now` with those of `before` that it has no more said explicitly: a group keeps what it was given.
 *
 * @param host CPUs and memory nodes that "all" are
 */
export function sayTakenAway(
  before: Limits,
  now: Limits,
  host: { readonly cpus?: string | undefined; readonly memoryNodes?: string | undefined },
): Limits {
  const { memory, cpu, blkio, pids, numa } = now;
  const hadMemory = (before.memory.hardLimitBytes ?? before.memory.totalBytes) !== undefined;
  const hasMemory = (memory.hardLimitBytes ?? memory.totalBytes) !== undefined;
  const nodes =
    numa ?? (before.numa && host.memoryNodes !== undefined ? { ...before.numa, nodeset: host.memoryNodes } : undefined);
  const files = [...(now.cgroupFiles ?? []), ...takenFiles(before, now)];
  const devices = sayDevices(before.blkio?.devices ?? [], blkio?.devices ?? []);
  const weight = blkio?.weight ?? whereGone(before.blkio?.weight);
  return {
    ...now,
    memory: {
      ...said('softLimitBytes', whereGone(before.memory.softLimitBytes)),
      ...said('swapHardLimitBytes', whereGone(before.memory.swapHardLimitBytes)),
      ...memory,
      ...(hadMemory && !hasMemory ? { hardLimitBytes: NONE } : {}),
    },
    cpu: {
      ...said('shares', before.cpu.shares && 1024),
      ...said('quotaUs', before.cpu.quotaUs && -1),
      ...said('periodUs', before.cpu.periodUs && 100_000),
      ...said('cpuset', before.cpu.cpuset === undefined ? undefined : host.cpus),
      ...cpu,
    },
    ...said('blkio', weight === undefined && devices.length === 0 ? undefined : { ...said('weight', weight), devices }),
    ...said('pids', pids ?? (before.pids && { max: NONE })),
    ...said('numa', nodes),
    ...(files.length === 0 ? {} : { cgroupFiles: files }),
  };
}

function whereGone(value: number | undefined): number | undefined {
  return value === undefined ? undefined : NONE;
}

function said<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

function sayDevices(before: readonly BlkioDeviceSpec[], now: readonly BlkioDeviceSpec[]): BlkioDeviceSpec[] {
  const paths = [...new Set([...before, ...now].map(({ path }) => path))];
  return paths.map((path) => {
    const { path: _, ...old } = before.find((device) => device.path === path) ?? { path };
    const taken = Object.fromEntries(Object.keys(old).map((key) => [key, NONE]));
    return { ...taken, path, ...now.find((device) => device.path === path) };
  });
}

/** Of files without a limit of their own only those that `set` knows are ever taken away. */
function takenFiles(before: Limits, now: Limits) {
  const names = new Set((now.cgroupFiles ?? []).map(({ file }) => file));
  return (before.cgroupFiles ?? [])
    .filter(({ file }) => !names.has(file) && (file.startsWith('hugetlb.') || file === 'memory.oom.group'))
    .map((entry) => ({ ...entry, value: entry.file.startsWith('hugetlb.') ? HUGE : '0' }));
}
