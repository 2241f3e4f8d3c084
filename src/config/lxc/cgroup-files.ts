import { sharesOfWeight } from '../../cgroups/convert-weights.js';
import {
  type CgroupFileRow,
  list,
  MAX_PERIOD_US,
  number,
  rate,
  setPeriod,
  setQuota,
  setRates,
  size,
  weight,
} from './cgroup-values.js';
import { splitBlanks } from './values.js';

/** Files of a group whose values the model has words for. */

const BYTES = 'a number of bytes, K, M, G or T behind it or not, or no limit';
const AMOUNT = 'the numbers of a device and an amount, like 8:0 1048576';
const weightLabel = (min: number, max: number) =>
  `a weight from ${min} to ${max}, behind the numbers of a device or not`;

export const CGROUP_FILES: readonly CgroupFileRow[] = [
  {
    v1: ['memory.limit_in_bytes'],
    v2: ['memory.max'],
    about: 'the memory limit',
    label: BYTES,
    set: size('hardLimitBytes'),
  },
  {
    v1: ['memory.soft_limit_in_bytes'],
    v2: ['memory.high'],
    about: 'what the kernel reclaims down to under pressure',
    label: BYTES,
    set: size('softLimitBytes'),
  },
  {
    v1: ['memory.memsw.limit_in_bytes'],
    v2: [],
    about: 'memory and swap together',
    label: BYTES,
    set: size('swapHardLimitBytes'),
  },
  {
    v1: [],
    v2: ['memory.swap.max'],
    about: 'swap, with a memory limit beside it',
    label: BYTES,
    set: size('swapBytes'),
  },
  {
    v1: ['cpu.shares'],
    v2: [],
    about: 'weight against other groups',
    label: 'a whole number from 2 to 262144',
    set: number('shares', 2, 262144),
  },
  {
    v1: [],
    v2: ['cpu.weight'],
    about: 'the same in the numbers of version 2',
    label: 'a whole number from 1 to 10000',
    set: (limits, value) => {
      if (!number('shares', 1, 10000)(limits, value)) return false;
      limits.shares = sharesOfWeight(Number(value));
      return true;
    },
  },
  {
    v1: ['cpu.cfs_quota_us'],
    v2: [],
    about: 'CPU time in one period',
    label: 'microseconds from 1000, or -1',
    set: setQuota,
  },
  {
    v1: ['cpu.cfs_period_us'],
    v2: [],
    about: 'length of one period',
    label: `microseconds from 1000 to ${MAX_PERIOD_US}`,
    set: setPeriod,
  },
  {
    v1: [],
    v2: ['cpu.max'],
    about: 'CPU time in one period, and its length',
    label: "microseconds or 'max', and microseconds",
    set: (limits, value) => {
      const [quota = '', period, ...more] = splitBlanks(value);
      return more.length === 0 && setQuota(limits, quota) && (period === undefined || setPeriod(limits, period));
    },
  },
  { v1: ['cpuset.cpus'], v2: ['cpuset.cpus'], about: 'the CPUs', label: 'a list like 0-3,7', set: list('cpuset') },
  { v1: ['cpuset.mems'], v2: ['cpuset.mems'], about: 'the NUMA nodes', label: 'a list like 0-1', set: list('mems') },
  {
    v1: ['pids.max'],
    v2: ['pids.max'],
    about: 'how many processes',
    label: "a whole number from 1, or 'max'",
    set: (limits, value) => {
      if (value === 'max') delete limits.pidsMax;
      else return number('pidsMax', 1, 4194304)(limits, value);
      return true;
    },
  },
  {
    v1: ['blkio.weight', 'blkio.weight_device', 'blkio.device_weight'],
    v2: [],
    about: 'share of the block devices',
    label: weightLabel(10, 1000),
    set: weight(10, 1000),
  },
  {
    v1: ['blkio.throttle.read_bps_device'],
    v2: [],
    about: 'bytes read in a second',
    label: AMOUNT,
    set: rate('readBytesSec'),
  },
  {
    v1: ['blkio.throttle.write_bps_device'],
    v2: [],
    about: 'bytes written in a second',
    label: AMOUNT,
    set: rate('writeBytesSec'),
  },
  {
    v1: ['blkio.throttle.read_iops_device'],
    v2: [],
    about: 'reads in a second',
    label: AMOUNT,
    set: rate('readIopsSec'),
  },
  {
    v1: ['blkio.throttle.write_iops_device'],
    v2: [],
    about: 'writes in a second',
    label: AMOUNT,
    set: rate('writeIopsSec'),
  },
  {
    v1: [],
    v2: ['io.max'],
    about: 'limits of one block device',
    label: 'the numbers of a device and any of rbps=N, wbps=N, riops=N, wiops=N',
    set: setRates,
  },
];
