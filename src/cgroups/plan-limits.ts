import type { BlkioDeviceSpec, BlkioSpec, ContainerSpec, CpuSpec, MemorySpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { HostFacts } from '../system/host-facts.js';
import { checkHostList, checkRange } from './check-limits.js';
import { BLKIO_WEIGHT, ioWeightOf, SHARES, weightOfShares } from './convert-weights.js';

/** File of the group, and what is written to it; of a block device its numbers come first. */
export type Write = readonly [file: string, value: string, device?: string];

/** What a container wants of one controller. */
export interface ControllerUse {
  /** Name in cgroup v1. */
  readonly controller: string;
  /** Name in cgroup v2; undefined: v2 needs no controller for it. */
  readonly v2Controller?: string;
  /** What every v2 group does, too, whatever its controllers; that it freezes is so since Linux 5.2. */
  readonly byV2?: 'freezes' | 'counts';
  /** What fails without the controller, as in `cannot <purpose>`; undefined: it is used where it is there. */
  readonly purpose?: string;
  readonly v1: readonly Write[];
  readonly v2?: readonly Write[];
}

/** Infinity is a limit that is taken away again: a new group has none, a running one may. */
export type LimitsSpec = Pick<ContainerSpec, 'name' | 'memory' | 'cpu' | 'blkio' | 'pids' | 'numa'>;

/** What a host has of what is limited. */
export interface LimitsHost {
  /** Whether it has the cpuset controller: without it, memory nodes are for the process's own policy. */
  readonly hasCpuset: boolean;
  readonly cpus?: HostFacts['cpus'];
  readonly memoryNodes?: HostFacts['memoryNodes'];
  readonly views?: HostFacts['views'];
}

/**
 * The controllers a container uses, with the limits of each in the order in which the kernel takes them.
 *
 * @throws CtrError CTR_BAD_CONFIG for a value out of range, CTR_UNSUPPORTED for CPUs or nodes that the host has not
 */
export function listControllerUses(spec: LimitsSpec, host: LimitsHost): readonly ControllerUse[] {
  return [
    useMemory(spec.name, spec.memory),
    usePids(spec.name, spec.pids),
    ...useCpuset(spec, host),
    ...useCpu(spec.name, spec.cpu),
    ...countCpuTime(spec.cpu, host),
    ...useBlkio(spec.name, spec.blkio),
    // Suspends.
    { controller: 'freezer', v1: [], byV2: 'freezes' },
  ];
}

function useMemory(name: string, memory: MemorySpec): ControllerUse {
  const purpose = `limit the memory of '${name}'`;
  // A new group has none.
  const hasLimit = (memory.hardLimitBytes ?? memory.totalBytes) !== undefined;
  const limit = memory.hardLimitBytes ?? memory.totalBytes ?? Number.POSITIVE_INFINITY;
  const { softLimitBytes: soft, swapHardLimitBytes: withSwap } = memory;
  if (withSwap !== undefined && !isUnlimited(withSwap) && limit === Number.POSITIVE_INFINITY)
    throw new CtrError('CTR_BAD_CONFIG', `cannot ${purpose}: memory with swap has a limit, memory has none`);
  if (withSwap !== undefined && withSwap < limit) {
    throw new CtrError(
      'CTR_BAD_CONFIG',
      `cannot ${purpose}: memory.swap is ${withSwap}, below the limit of ${limit} bytes`,
      {
        hint: 'memory.swap (swap_hard_limit, memsw) counts memory and swap together',
      },
    );
  }
  return {
    controller: 'memory',
    v2Controller: 'memory',
    // "No limit" holds without the controller too.
    ...([limit, soft, withSwap].some((bytes) => bytes !== undefined && !isUnlimited(bytes)) ? { purpose } : {}),
    v1: [
      ...writeIf(hasLimit ? limit : undefined, (bytes) => ['memory.limit_in_bytes', formatBytes(bytes, '-1')]),
      ...writeIf(soft, (bytes) => ['memory.soft_limit_in_bytes', formatBytes(bytes, '-1')]),
      // Never below the limit, so it comes after it.
      ...writeIf(withSwap, (bytes) => ['memory.memsw.limit_in_bytes', formatBytes(bytes, '-1')]),
    ],
    v2: [
      ...writeIf(hasLimit ? limit : undefined, (bytes) => ['memory.max', formatBytes(bytes, 'max')]),
      ...writeIf(soft, (bytes) => ['memory.high', formatBytes(bytes, 'max')]),
      // v2 counts swap alone.
      ...writeIf(withSwap, (bytes) => ['memory.swap.max', isUnlimited(bytes) ? 'max' : `${bytes - limit}`]),
    ],
  };
}

function usePids(name: string, pids: ContainerSpec['pids']): ControllerUse {
  const purpose = `limit the processes of '${name}'`;
  const isLimited = pids !== undefined && pids.max !== Number.POSITIVE_INFINITY;
  if (isLimited) checkRange(purpose, 'pids.max', pids.max, 1, MOST_PIDS);
  const writes = writeIf(pids, ({ max }) => ['pids.max', isLimited ? `${max}` : 'max']);
  const use = { controller: 'pids', v2Controller: 'pids', v1: writes, v2: writes };
  return isLimited ? { ...use, purpose } : use;
}

/** PID_MAX_LIMIT of the kernel. */
const MOST_PIDS = 4194304;

function useCpuset({ name, cpu, numa }: LimitsSpec, host: LimitsHost): ControllerUse[] {
  const { cpuset } = cpu;
  const isOfCpuset = host.hasCpuset && (numa?.mode === 'strict' || numa?.mode === 'restrictive');
  const nodes = isOfCpuset ? numa?.nodeset : undefined;
  const purpose = cpuset === undefined ? `bind '${name}' to memory nodes` : `pin '${name}' to CPUs`;
  if (cpuset !== undefined) checkHostList(purpose, 'cpuset.cpus', cpuset, host.cpus);
  if (nodes !== undefined) checkHostList(purpose, 'cpuset.mems', nodes, host.memoryNodes);
  const writes: Write[] = [
    ...writeIf(cpuset, (list) => ['cpuset.cpus', list]),
    ...writeIf(nodes, (list) => ['cpuset.mems', list]),
  ];
  if (writes.length > 0) return [{ controller: 'cpuset', v2Controller: 'cpuset', purpose, v1: writes, v2: writes }];
  return showsCpus(cpu, host) ? [{ controller: 'cpuset', v1: [] }] : [];
}

/**
 * Whether /proc shows fewer processors than the host has. On v1 lxcfs asks for the quota, and for what was used, in the group of the same
 * path as that of the cpuset.
 */
function showsCpus({ cpuset, quotaUs }: CpuSpec, { views }: LimitsHost): boolean {
  return views !== undefined && (cpuset !== undefined || isQuota(quotaUs));
}

function isQuota(quotaUs: number | undefined): boolean {
  return quotaUs !== undefined && quotaUs >= 0;
}

/** What `info` and `stats` tell of it is in any group of v2. */
function countCpuTime(cpu: CpuSpec, host: LimitsHost): ControllerUse[] {
  if (showsCpus(cpu, host)) return [{ controller: 'cpuacct', v1: [] }];
  const isLimited = [cpu.shares, cpu.periodUs, cpu.quotaUs].some((value) => value !== undefined);
  return isLimited ? [{ controller: 'cpuacct', v1: [], byV2: 'counts' }] : [];
}

/** kernel/sched/core.c: max_cfs_runtime, min_cfs_quota_period, max_cfs_quota_period. */
const QUOTA_US = { least: 1000, most: 17592186044415 } as const;
const PERIOD_US = { least: 1000, most: 1_000_000, usual: 100_000 } as const;

function useCpu(name: string, { shares, periodUs, quotaUs }: CpuSpec): ControllerUse[] {
  if (shares === undefined && periodUs === undefined && quotaUs === undefined) return [];
  const purpose = `limit the CPU time of '${name}'`;
  const isLimited = isQuota(quotaUs);
  // 1 is what the kernel takes for 2.
  if (shares !== undefined) checkRange(purpose, 'cpu.shares', shares, 1, SHARES.most);
  if (periodUs !== undefined) checkRange(purpose, 'cpu.cfs_period_us', periodUs, PERIOD_US.least, PERIOD_US.most);
  if (quotaUs !== undefined && isLimited)
    checkRange(purpose, 'cpu.cfs_quota_us', quotaUs, QUOTA_US.least, QUOTA_US.most);
  return [
    {
      controller: 'cpu',
      v2Controller: 'cpu',
      purpose,
      v1: [
        ...writeIf(shares, (value) => ['cpu.shares', `${value}`]),
        ...writeIf(periodUs, (value) => ['cpu.cfs_period_us', `${value}`]),
        ...writeIf(quotaUs, (value) => ['cpu.cfs_quota_us', isLimited ? `${value}` : '-1']),
      ],
      v2: [
        ...writeIf(shares, (value) => ['cpu.weight', `${weightOfShares(value)}`]),
        ...(periodUs === undefined && quotaUs === undefined
          ? []
          : [['cpu.max', `${isLimited ? quotaUs : 'max'} ${periodUs ?? PERIOD_US.usual}`] as const]),
      ],
    },
  ];
}

function useBlkio(name: string, blkio: BlkioSpec | undefined): ControllerUse[] {
  const weight = blkio?.weight;
  const devices = blkio?.devices ?? [];
  const purpose = weight === undefined ? `limit the disk access of '${name}'` : `weigh the disk access of '${name}'`;
  for (const value of [weight, ...devices.map((device) => device.weight)])
    if (value) checkRange(purpose, 'blkio.weight', value, BLKIO_WEIGHT.least, BLKIO_WEIGHT.most);
  const limits = devices.flatMap(limitDevice);
  if (weight === undefined && limits.length === 0) return [];
  return [
    {
      controller: 'blkio',
      v2Controller: 'io',
      purpose,
      // v1 has had no other weight since the CFQ scheduler went (Linux 5.0).
      v1: [...writeIf(weight, (value) => ['blkio.bfq.weight', `${weightOr(value, (share) => share)}`]), ...limits],
      v2: [
        ...writeIf(weight, (value) => ['io.weight', `default ${weightOr(value, ioWeightOf)}`]),
        ...devices.flatMap(limitDeviceV2),
      ],
    },
  ];
}

/** Both versions have the same default. */
function weightOr(weight: number, convert: (weight: number) => number): number {
  return weight === Number.POSITIVE_INFINITY ? 100 : convert(weight);
}

function limitDevice(device: BlkioDeviceSpec): Write[] {
  const limit = (file: string, value: number | undefined): Write[] =>
    value ? [[`blkio.${file}_device`, value === Number.POSITIVE_INFINITY ? '0' : `${value}`, device.path]] : [];
  return [
    ...limit('bfq.weight', device.weight),
    ...limit('throttle.read_iops', device.readIopsSec),
    ...limit('throttle.write_iops', device.writeIopsSec),
    ...limit('throttle.read_bps', device.readBytesSec),
    ...limit('throttle.write_bps', device.writeBytesSec),
  ];
}

function limitDeviceV2({ path, weight, ...rates }: BlkioDeviceSpec): Write[] {
  const keys = {
    riops: rates.readIopsSec,
    wiops: rates.writeIopsSec,
    rbps: rates.readBytesSec,
    wbps: rates.writeBytesSec,
  };
  const limits = Object.entries(keys).filter(([, value]) => value);
  const format = (value: number | undefined) => (value === Number.POSITIVE_INFINITY ? 'max' : value);
  return [
    ...(weight
      ? [['io.weight', weight === Number.POSITIVE_INFINITY ? 'default' : `${ioWeightOf(weight)}`, path] as const]
      : []),
    ...(limits.length === 0
      ? []
      : [['io.max', limits.map(([key, value]) => `${key}=${format(value)}`).join(' '), path] as const]),
  ];
}

function writeIf<T>(value: T | undefined, write: (value: T) => Write): readonly Write[] {
  return value === undefined ? [] : [write(value)];
}

/** libvirt writes "no limit" as 2^53 - 1 KiB. */
function isUnlimited(bytes: number): boolean {
  return !Number.isSafeInteger(bytes);
}

function formatBytes(bytes: number, unlimited: string): string {
  return isUnlimited(bytes) ? unlimited : `${bytes}`;
}
