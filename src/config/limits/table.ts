/** The limits that `set` changes: one row each. The reference page, completion and the hints for other programs' words are made of it. */
import { SHARES, sharesOfWeight, weightOfShares } from '../../cgroups/convert-weights.js';
import type { BlkioDeviceSpec, ContainerSpec } from '../spec.js';
import {
  devicesOf,
  fileOf,
  limitOf,
  memoryOf,
  withDevice,
  withField,
  withFile,
  withMemory,
  withPart,
} from './spec-fields.js';
import {
  type Amount,
  count,
  formatSize,
  numbers,
  ofDevice,
  onOff,
  processors,
  type Read,
  share,
  size,
  type ValueKind,
} from './values.js';

export interface LimitRow {
  /** `hugetlb.SIZE` stands for `hugetlb.2MB` and its like. */
  readonly key: string;
  readonly about: string;
  /** What a value is. */
  readonly label: string;
  /** Files of the group. */
  readonly v1: string;
  readonly v2: string;
  /** What others call it: a hint for whoever types that. */
  readonly others: readonly string[];
  /** @param key as it was typed */
  readonly set: (spec: ContainerSpec, text: string, key: string) => Read<ContainerSpec>;
  /** As `set` takes it; undefined: there is none. */
  readonly get: (spec: ContainerSpec) => string | undefined;
}

interface Words {
  readonly about: string;
  readonly v1: string;
  readonly v2: string;
  readonly others: readonly string[];
}

function row<T>(
  key: string,
  words: Words,
  kind: ValueKind<T>,
  set: (spec: ContainerSpec, value: T, key: string) => ContainerSpec,
  get: LimitRow['get'],
): LimitRow {
  return {
    key,
    ...words,
    label: kind.label,
    set: (spec, text, typed) => {
      const read = kind.read(text);
      return 'value' in read ? { value: set(spec, read.value, typed) } : read;
    },
    get,
  };
}

const text = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));
const bytes = (value: number | undefined): string | undefined => (value === undefined ? undefined : formatSize(value));

/** Less than this holds no shell: its stacks, page tables and the page cache of its program. */
const LEAST_MEMORY = 1024 * 1024;
const MOST_PIDS = 4194304;
const MOST_QUOTA_US = 17592186044415;
const USUAL_PERIOD_US = 100_000;

function deviceRow(key: string, field: Exclude<keyof BlkioDeviceSpec, 'path'>, words: Words, kind: ValueKind<Amount>) {
  const format = field === 'readBytesSec' || field === 'writeBytesSec' ? formatSize : String;
  return row(
    key,
    words,
    ofDevice(kind),
    (spec, { path, amount }) => withDevice(spec, path, field, amount),
    (spec) => devicesOf(spec, field, format),
  );
}

const HUGETLB = /^hugetlb\.([1-9]\d{0,3}[KMG]B)$/;
const hugetlbFiles = (page: string) => [`hugetlb.${page}.limit_in_bytes`, `hugetlb.${page}.max`] as const;

const OOM_GROUP = 'memory.oom.group';

export const LIMITS: readonly LimitRow[] = [
  row(
    'memory',
    {
      about: 'how much memory it may have; what takes more is killed',
      v1: 'memory.limit_in_bytes',
      v2: 'memory.max',
      others: ['hard_limit', 'hard-limit', 'mem', 'setmem', 'setmaxmem', 'memory.hard'],
    },
    size(LEAST_MEMORY),
    withMemory,
    (spec) => bytes(memoryOf(spec)),
  ),
  row(
    'memory.soft',
    {
      about: 'what the kernel reclaims down to: v1 when the host is short of it, v2 at once',
      v1: 'memory.soft_limit_in_bytes',
      v2: 'memory.high',
      others: ['soft_limit', 'soft-limit'],
    },
    size(0),
    (spec, value) => ({ ...spec, memory: withField(spec.memory, 'softLimitBytes', value) }),
    ({ memory }) => bytes(limitOf(memory.softLimitBytes)),
  ),
  row(
    'memory.swap',
    {
      about: 'memory and swap together, so at least `memory`; on v2 the difference is written',
      v1: 'memory.memsw.limit_in_bytes',
      v2: 'memory.swap.max',
      others: ['swap_hard_limit', 'swap-hard-limit', 'memory-swap', 'swap', 'memsw'],
    },
    size(LEAST_MEMORY),
    (spec, value) => ({ ...spec, memory: withField(spec.memory, 'swapHardLimitBytes', value) }),
    ({ memory }) => bytes(limitOf(memory.swapHardLimitBytes)),
  ),
  row(
    'memory.oom-group',
    {
      about: 'short of memory all of it is killed, not one process; v1 cannot',
      v1: '-',
      v2: OOM_GROUP,
      others: ['oom-group', 'oom_group'],
    },
    onOff,
    (spec, on) => withFile(spec, [OOM_GROUP], on ? { version: 2, file: OOM_GROUP, value: '1' } : undefined),
    (spec) => (fileOf(spec, OOM_GROUP) === '1' ? 'on' : undefined),
  ),
  row(
    'cpu',
    {
      about: 'processor time, in processors: the quota for the period that there is',
      v1: 'cpu.cfs_quota_us, cpu.cfs_period_us',
      v2: 'cpu.max',
      others: ['cpus'],
    },
    processors,
    (spec, value) => ({ ...spec, cpu: withProcessors(spec.cpu, value) }),
    ({ cpu: { quotaUs, periodUs = USUAL_PERIOD_US } }) =>
      quotaUs === undefined || quotaUs < 0 ? undefined : String(Number((quotaUs / periodUs).toFixed(3))),
  ),
  row(
    'cpu.shares',
    {
      about: 'weight against other groups, in the numbers of v1; the usual one is 1024',
      v1: 'cpu.shares',
      v2: 'cpu.weight',
      others: ['cpu_shares', 'shares', 'cpu-shares'],
    },
    share(SHARES.least, SHARES.most),
    (spec, value) => ({ ...spec, cpu: withField(spec.cpu, 'shares', value) }),
    ({ cpu }) => text(cpu.shares),
  ),
  row(
    'cpu.weight',
    {
      about: 'the same in the numbers of v2; the usual one is 100',
      v1: 'cpu.shares',
      v2: 'cpu.weight',
      others: ['CPUWeight'],
    },
    share(1, 10000),
    (spec, value) => ({
      ...spec,
      cpu: withField(spec.cpu, 'shares', value === 'none' ? value : sharesOfWeight(value)),
    }),
    ({ cpu }) => (cpu.shares === undefined ? undefined : text(weightOfShares(cpu.shares))),
  ),
  row(
    'cpu.quota',
    {
      about: 'processor time in one period, in microseconds',
      v1: 'cpu.cfs_quota_us',
      v2: 'cpu.max',
      others: ['vcpu_quota', 'quota', 'cfs_quota_us', 'cpu-quota'],
    },
    count(1000, MOST_QUOTA_US, 'microseconds'),
    (spec, value) => ({ ...spec, cpu: withField(spec.cpu, 'quotaUs', value) }),
    ({ cpu: { quotaUs } }) => (quotaUs === undefined || quotaUs < 0 ? undefined : text(quotaUs)),
  ),
  row(
    'cpu.period',
    {
      about: `length of one period, in microseconds; the usual one is ${USUAL_PERIOD_US}`,
      v1: 'cpu.cfs_period_us',
      v2: 'cpu.max',
      others: ['vcpu_period', 'period', 'cfs_period_us', 'cpu-period'],
    },
    share(1000, 1_000_000),
    (spec, value) => ({ ...spec, cpu: withField(spec.cpu, 'periodUs', value) }),
    ({ cpu }) => text(cpu.periodUs),
  ),
  row(
    'cpuset.cpus',
    {
      about: 'the processors it may run on',
      v1: 'cpuset.cpus',
      v2: 'cpuset.cpus',
      others: ['cpuset', 'vcpupin', 'cpuset-cpus'],
    },
    numbers,
    (spec, list) => ({ ...spec, cpu: withField(spec.cpu, 'cpuset', list) }),
    ({ cpu }) => cpu.cpuset,
  ),
  row(
    'cpuset.mems',
    {
      about: 'the memory nodes its memory comes from',
      v1: 'cpuset.mems',
      v2: 'cpuset.mems',
      others: ['numatune', 'nodeset', 'cpuset-mems'],
    },
    numbers,
    (spec, list) => withPart(spec, 'numa', list === 'none' ? undefined : { mode: 'strict', nodeset: list }),
    ({ numa }) => (numa?.mode === 'strict' || numa?.mode === 'restrictive' ? numa.nodeset : undefined),
  ),
  row(
    'pids',
    {
      about: 'how many processes and threads it may have',
      v1: 'pids.max',
      v2: 'pids.max',
      others: ['pids-limit', 'TasksMax', 'nproc'],
    },
    count(1, MOST_PIDS),
    (spec, value) => withPart(spec, 'pids', value === 'none' ? undefined : { max: value }),
    ({ pids }) => text(pids?.max),
  ),
  row(
    'blkio.weight',
    {
      about: 'weight against other groups on block devices, in the numbers of v1; the I/O scheduler has to be bfq',
      v1: 'blkio.bfq.weight',
      v2: 'io.weight',
      others: ['weight', 'io.weight', 'blkio-weight'],
    },
    share(10, 1000),
    (spec, value) => withPart(spec, 'blkio', withField(spec.blkio ?? {}, 'weight', value)),
    ({ blkio }) => text(blkio?.weight),
  ),
  deviceRow(
    'blkio.device-weight',
    'weight',
    {
      about: 'the same for one block device',
      v1: 'blkio.bfq.weight_device',
      v2: 'io.weight',
      others: ['device-weights', 'device_weight'],
    },
    share(10, 1000),
  ),
  deviceRow(
    'blkio.read-bps',
    'readBytesSec',
    {
      about: 'bytes read from a block device in a second',
      v1: 'blkio.throttle.read_bps_device',
      v2: 'io.max',
      others: ['device-read-bytes-sec', 'device_read_bytes_sec', 'device-read-bps', 'rbps'],
    },
    size(1),
  ),
  deviceRow(
    'blkio.write-bps',
    'writeBytesSec',
    {
      about: 'bytes written to it in a second',
      v1: 'blkio.throttle.write_bps_device',
      v2: 'io.max',
      others: ['device-write-bytes-sec', 'device_write_bytes_sec', 'device-write-bps', 'wbps'],
    },
    size(1),
  ),
  deviceRow(
    'blkio.read-iops',
    'readIopsSec',
    {
      about: 'reads from it in a second',
      v1: 'blkio.throttle.read_iops_device',
      v2: 'io.max',
      others: ['device-read-iops-sec', 'device_read_iops_sec', 'device-read-iops', 'riops'],
    },
    count(1, 4294967295),
  ),
  deviceRow(
    'blkio.write-iops',
    'writeIopsSec',
    {
      about: 'writes to it in a second',
      v1: 'blkio.throttle.write_iops_device',
      v2: 'io.max',
      others: ['device-write-iops-sec', 'device_write_iops_sec', 'device-write-iops', 'wiops'],
    },
    count(1, 4294967295),
  ),
  {
    key: 'hugetlb.SIZE',
    about: 'memory in huge pages of this size: `hugetlb.2MB`',
    label: size(0).label,
    v1: 'hugetlb.SIZE.limit_in_bytes',
    v2: 'hugetlb.SIZE.max',
    others: ['hugepages', 'hugetlb'],
    set: (spec, value, key) => {
      const page = HUGETLB.exec(key)?.[1] ?? '';
      const files = hugetlbFiles(page);
      const read = size(0).read(value);
      if ('mustBe' in read) return read;
      if (read.value === 'none') return { value: withFile(spec, files, undefined) };
      const entry = { version: 1, file: files[0], value: String(read.value), twin: files[1] } as const;
      return { value: withFile(spec, files, entry) };
    },
    get: () => undefined,
  },
];

/** Rows of which each has keys of its own. */
export function findLimit(key: string): LimitRow | undefined {
  if (HUGETLB.test(key)) return LIMITS.find((limit) => limit.key === 'hugetlb.SIZE');
  return LIMITS.find((limit) => limit.key === key && key !== 'hugetlb.SIZE');
}

function withProcessors(cpu: ContainerSpec['cpu'], value: Amount): ContainerSpec['cpu'] {
  if (value === 'none') return withField(withField(cpu, 'quotaUs', 'none'), 'periodUs', 'none');
  // A quota below 1 ms is none that the kernel takes: the least share of a processor needs a long period.
  const period = cpu.periodUs ?? USUAL_PERIOD_US;
  const quotaUs = Math.max(1000, Math.round(value * period));
  return { ...cpu, quotaUs, periodUs: period };
}
