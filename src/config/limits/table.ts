/** The limits that `set` changes: one row each. The reference page, completion and the hints for other programs' words are made of it. */
import { SHARES, sharesOfWeight, weightOfShares } from '../../cgroups/convert-weights.js';
import type { ContainerSpec } from '../spec.js';
import { DEVICE_LIMITS, HUGETLB, HUGETLB_LIMIT } from './device-rows.js';
import { type LimitRow, row, text } from './row.js';
import { fileOf, limitOf, memoryOf, withField, withFile, withMemory, withPart } from './spec-fields.js';
import { type Amount, count, formatSize, numbers, onOff, processors, share, size } from './values.js';

const bytes = (value: number | undefined): string | undefined => (value === undefined ? undefined : formatSize(value));

/** Less than this holds no shell: its stacks, page tables and the page cache of its program. */
const LEAST_MEMORY = 1024 * 1024;
const MOST_PIDS = 4194304;
const MOST_QUOTA_US = 17592186044415;
const USUAL_PERIOD_US = 100_000;

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
  ...DEVICE_LIMITS,
  HUGETLB_LIMIT,
];

/** Rows of which each has keys of its own. */
export function findLimit(key: string): LimitRow | undefined {
  if (HUGETLB.test(key)) return HUGETLB_LIMIT;
  return LIMITS.find((limit) => limit.key === key && key !== 'hugetlb.SIZE');
}

function withProcessors(cpu: ContainerSpec['cpu'], value: Amount): ContainerSpec['cpu'] {
  if (value === 'none') return withField(withField(cpu, 'quotaUs', 'none'), 'periodUs', 'none');
  // A quota below 1 ms is none that the kernel takes: the least share of a processor needs a long period.
  const period = cpu.periodUs ?? USUAL_PERIOD_US;
  const quotaUs = Math.max(1000, Math.round(value * period));
  return { ...cpu, quotaUs, periodUs: period };
}
