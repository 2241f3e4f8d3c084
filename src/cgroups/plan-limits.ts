import type { BlkioDeviceSpec, BlkioSpec, ContainerSpec, CpuSpec, MemorySpec, NumaSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';

/** File of the group, and what is written to it; of a block device its numbers come first. */
export type Write = readonly [file: string, value: string, device?: string];

/** What a container wants of one controller. */
export interface ControllerUse {
  /** Name in cgroup v1. */
  readonly controller: string;
  /** Name in cgroup v2; undefined: v2 needs no controller for it. */
  readonly v2Controller?: string;
  /** Every v2 group that freezes does this, too, whatever its controllers. */
  readonly byFreezingV2?: boolean;
  /** What fails without the controller, as in `cannot <purpose>`; undefined: it is used where it is there. */
  readonly purpose?: string;
  readonly v1: readonly Write[];
  /** Made when v2 is used: its ranges are narrower. @throws CtrError CTR_UNSUPPORTED */
  readonly v2?: () => readonly Write[];
}

export type LimitsSpec = Pick<ContainerSpec, 'name' | 'memory' | 'cpu' | 'blkio' | 'pids' | 'numa'>;

/**
 * The controllers a container uses, with the limits of each in the order in which the kernel takes them.
 *
 * @param hasCpuset whether this host has the cpuset controller: without it, memory nodes are for the process's own policy
 */
export function listControllerUses(spec: LimitsSpec, hasCpuset: boolean): readonly ControllerUse[] {
  return [
    useMemory(spec.name, spec.memory),
    usePids(spec.name, spec.pids),
    ...useCpuset(spec.name, spec.cpu, hasCpuset ? spec.numa : undefined),
    ...useCpu(spec.name, spec.cpu),
    ...useBlkio(spec.name, spec.blkio),
    // Suspends.
    { controller: 'freezer', v1: [], byFreezingV2: true },
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
      `cannot ${purpose}: swap_hard_limit ${withSwap} is below the limit of ${limit} bytes`,
      {
        hint: 'swap_hard_limit counts memory and swap together',
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
    v2: () => [
      ...writeIf(hasLimit ? limit : undefined, (bytes) => ['memory.max', formatBytes(bytes, 'max')]),
      ...writeIf(soft, (bytes) => ['memory.high', formatBytes(bytes, 'max')]),
      // v2 counts swap alone.
      ...writeIf(withSwap, (bytes) => ['memory.swap.max', isUnlimited(bytes) ? 'max' : `${bytes - limit}`]),
    ],
  };
}

function usePids(name: string, pids: ContainerSpec['pids']): ControllerUse {
  const writes: Write[] = pids === undefined ? [] : [['pids.max', `${pids.max}`]];
  const use = { controller: 'pids', v2Controller: 'pids', v1: writes, v2: () => writes };
  return pids === undefined ? use : { ...use, purpose: `limit the processes of '${name}'` };
}

function useCpuset(name: string, { cpuset }: CpuSpec, numa: NumaSpec | undefined): ControllerUse[] {
  const nodes = numa?.mode === 'strict' || numa?.mode === 'restrictive' ? numa.nodeset : undefined;
  const writes: Write[] = [
    ...writeIf(cpuset, (list) => ['cpuset.cpus', list]),
    ...writeIf(nodes, (list) => ['cpuset.mems', list]),
  ];
  if (writes.length === 0) return [];
  const purpose = cpuset === undefined ? `bind '${name}' to memory nodes` : `pin '${name}' to CPUs`;
  return [{ controller: 'cpuset', v2Controller: 'cpuset', purpose, v1: writes, v2: () => writes }];
}

function useCpu(name: string, { shares, periodUs, quotaUs }: CpuSpec): ControllerUse[] {
  if (shares === undefined && periodUs === undefined && quotaUs === undefined) return [];
  const purpose = `limit the CPU time of '${name}'`;
  const isLimited = quotaUs !== undefined && quotaUs >= 0;
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
      v2: () => [
        // The number itself, as libvirt does it, not a scaled one.
        ...writeIf(shares, (value) => ['cpu.weight', `${checkRange(purpose, 'shares', value, 1, 10000)}`]),
        ...(periodUs === undefined && quotaUs === undefined
          ? []
          : [['cpu.max', `${isLimited ? quotaUs : 'max'} ${periodUs ?? 100000}`] as const]),
      ],
    },
    { controller: 'cpuacct', v1: [] },
  ];
}

function useBlkio(name: string, blkio: BlkioSpec | undefined): ControllerUse[] {
  const weight = blkio?.weight;
  const devices = blkio?.devices ?? [];
  const limits = devices.flatMap(limitDevice);
  if (weight === undefined && limits.length === 0) return [];
  return [
    {
      controller: 'blkio',
      v2Controller: 'io',
      purpose: weight === undefined ? `limit the disk access of '${name}'` : `weigh the disk access of '${name}'`,
      v1: [
        // v1 has had no other weight since the CFQ scheduler went (Linux 5.0).
        ...writeIf(weight, (value) => ['blkio.bfq.weight', `${value}`]),
        ...limits,
      ],
      v2: () => [...writeIf(weight, (value) => ['io.weight', `default ${value}`]), ...devices.flatMap(limitDeviceV2)],
    },
  ];
}

function limitDevice(device: BlkioDeviceSpec): Write[] {
  const limit = (file: string, value: number | undefined): Write[] =>
    value ? [[`blkio.${file}_device`, `${value}`, device.path]] : [];
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
  return [
    ...(weight ? [['io.weight', `${weight}`, path] as const] : []),
    ...(limits.length === 0
      ? []
      : [['io.max', limits.map(([key, value]) => `${key}=${value}`).join(' '), path] as const]),
  ];
}

function writeIf<T>(value: T | undefined, write: (value: T) => Write): readonly Write[] {
  return value === undefined ? [] : [write(value)];
}

function checkRange(purpose: string, what: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot ${purpose}: cgroup v2 takes ${what} from ${low} to ${high}, not ${value}`,
  );
}

/** libvirt writes "no limit" as 2^53 - 1 KiB. */
function isUnlimited(bytes: number): boolean {
  return !Number.isSafeInteger(bytes);
}

function formatBytes(bytes: number, unlimited: string): string {
  return isUnlimited(bytes) ? unlimited : `${bytes}`;
}
