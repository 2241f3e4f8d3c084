/** What the cgroups of a running container say: usage and limits. */
import type { GroupReader } from './find-groups.js';
import {
  type Pressure,
  parseIoBytes,
  parseKeyed,
  parseLimit,
  parseNanoseconds,
  parseOomKills,
  parsePressure,
} from './parse-stats.js';

/** Each value is there when its controller is. Limits are undefined when there is none. */
export interface CgroupStats {
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  /** Processes that the kernel killed for lack of memory. */
  readonly oomKills?: number;
  readonly pids?: number;
  readonly pidsLimit?: number;
  /** CPU time used, in ns. */
  readonly cpuNs?: number;
  /** Bytes read from block devices, and written to them. */
  readonly ioReadBytes?: number;
  readonly ioWriteBytes?: number;
}

/** Six files: what is looked at again and again, of many containers. */
export function readCgroupStats(read: GroupReader): CgroupStats {
  const io = parseIoBytes(read('blkio', 'blkio.throttle.io_service_bytes_recursive', 'io.stat'));
  return defined({
    memoryBytes: parseLimit(read('memory', 'memory.usage_in_bytes', 'memory.current')),
    memoryLimitBytes: parseLimit(read('memory', 'memory.limit_in_bytes', 'memory.max')),
    oomKills: parseOomKills(read('memory', 'memory.oom_control', 'memory.events')),
    pids: parseLimit(read('pids', 'pids.current', 'pids.current')),
    pidsLimit: parseLimit(read('pids', 'pids.max', 'pids.max')),
    cpuNs: parseNanoseconds(read('cpuacct', 'cpuacct.usage', 'cpu.stat')),
    ioReadBytes: io?.readBytes,
    ioWriteBytes: io?.writeBytes,
  });
}

/** What one looks at to understand one container. */
export interface CgroupDetails {
  readonly memoryPeakBytes?: number;
  /** Of the memory in use: copies of what is in files, which the kernel can drop. */
  readonly cacheBytes?: number;
  /** Of the memory in use: what the kernel itself has for it. */
  readonly kernelBytes?: number;
  readonly swapBytes?: number;
  readonly memorySoftLimitBytes?: number;
  /** Memory and swap together on v1, swap alone on v2. */
  readonly swapLimitBytes?: number;
  /** How often the memory limit was in the way. */
  readonly memoryLimitHits?: number;
  readonly pidsPeak?: number;
  /** How often a process was refused. */
  readonly pidsLimitHits?: number;
  readonly cpuUserNs?: number;
  readonly cpuSystemNs?: number;
  /** How often, and how long, it had used up its quota and waited. */
  readonly cpuThrottledPeriods?: number;
  readonly cpuThrottledNs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  readonly cpuset?: string;
  readonly pressure?: { readonly cpu?: Pressure; readonly memory?: Pressure; readonly io?: Pressure };
}

/** The rest of the files. */
export function readCgroupDetails(read: GroupReader): CgroupDetails {
  const both = (controller: string, file: string) => read(controller, file, file);
  const memory = parseKeyed(both('memory', 'memory.stat'));
  const events = parseKeyed(read('memory', undefined, 'memory.events'));
  const cpu = parseKeyed(both('cpu', 'cpu.stat'));
  const counted = parseKeyed(read('cpuacct', undefined, 'cpu.stat'));
  const [quota, period] = (read('cpu', undefined, 'cpu.max') ?? '').split(' ');
  const pressure = defined({
    cpu: parsePressure(read('', undefined, 'cpu.pressure')),
    memory: parsePressure(read('', undefined, 'memory.pressure')),
    io: parsePressure(read('', undefined, 'io.pressure')),
  });
  const cpuset = read('cpuset', 'cpuset.cpus', 'cpuset.cpus.effective')?.trim();
  return defined({
    memoryPeakBytes: parseLimit(read('memory', 'memory.max_usage_in_bytes', 'memory.peak')),
    cacheBytes: memory.get('total_cache') ?? memory.get('file'),
    kernelBytes: parseLimit(read('memory', 'memory.kmem.usage_in_bytes', undefined)) ?? memory.get('kernel'),
    swapBytes: memory.get('total_swap') ?? parseLimit(read('memory', undefined, 'memory.swap.current')),
    memorySoftLimitBytes: parseLimit(read('memory', 'memory.soft_limit_in_bytes', 'memory.high')),
    swapLimitBytes: parseLimit(read('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max')),
    memoryLimitHits: parseLimit(read('memory', 'memory.failcnt', undefined)) ?? events.get('max'),
    pidsPeak: parseLimit(both('pids', 'pids.peak')),
    pidsLimitHits: parseKeyed(both('pids', 'pids.events')).get('max'),
    cpuUserNs: parseLimit(read('cpuacct', 'cpuacct.usage_user', undefined)) ?? toNs(counted.get('user_usec')),
    cpuSystemNs: parseLimit(read('cpuacct', 'cpuacct.usage_sys', undefined)) ?? toNs(counted.get('system_usec')),
    cpuThrottledPeriods: cpu.get('nr_throttled'),
    cpuThrottledNs: cpu.get('throttled_time') ?? toNs(cpu.get('throttled_usec')),
    cpuQuotaUs: parseLimit(read('cpu', 'cpu.cfs_quota_us', undefined)) ?? parseLimit(quota),
    cpuPeriodUs: parseLimit(read('cpu', 'cpu.cfs_period_us', undefined)) ?? parseLimit(period),
    cpuset: cpuset || undefined,
    pressure: Object.keys(pressure).length === 0 ? undefined : pressure,
  });
}

function toNs(microseconds: number | undefined): number | undefined {
  return microseconds === undefined ? undefined : microseconds * 1000;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A loop: this is done for each of thousands. */
function defined<T extends object>(values: T): Defined<T> {
  const result: Defined<T> = {};
  for (const key in values)
    if (values[key] !== undefined) result[key] = values[key] as Exclude<(typeof values)[typeof key], undefined>;
  return result;
}
