import { parseMemorySize, splitBlanks } from './values.js';

/** Values of files of a group, and the limits that they set. */

/** What such files set; each line changes it. */
export interface Limits {
  hardLimitBytes?: number;
  softLimitBytes?: number;
  /** Memory and swap together. */
  swapHardLimitBytes?: number;
  /** Swap alone. */
  swapBytes?: number;
  shares?: number;
  quotaUs?: number;
  periodUs?: number;
  cpuset?: string;
  mems?: string;
  pidsMax?: number;
  weight?: number;
  readonly devices: Map<string, DeviceLimits>;
}

export interface DeviceLimits {
  weight?: number;
  readBytesSec?: number;
  writeBytesSec?: number;
  readIopsSec?: number;
  writeIopsSec?: number;
}

type Rate = Exclude<keyof DeviceLimits, 'weight'>;

export interface CgroupFileRow {
  /** Names in version 1 and 2. */
  readonly v1: readonly string[];
  readonly v2: readonly string[];
  readonly about: string;
  /** Completes "must be". */
  readonly label: string;
  /** Sets it; false when the value is wrong. */
  readonly set: (limits: Limits, value: string) => boolean;
}

type Numbers = Exclude<
  { [K in keyof Limits]: Limits[K] extends number | undefined ? K : never }[keyof Limits],
  undefined
>;

/** No limit takes an earlier one back. */
export function size(field: Numbers): CgroupFileRow['set'] {
  return (limits, value) => {
    if (value === 'max' || value === '-1') delete limits[field];
    else {
      const bytes = parseMemorySize(value);
      if (bytes === undefined) return false;
      limits[field] = bytes;
    }
    return true;
  };
}

export function number(field: Numbers, min: number, max: number): CgroupFileRow['set'] {
  return (limits, value) => {
    if (!isNumber(value, min, max)) return false;
    limits[field] = Number(value);
    return true;
  };
}

function isNumber(text: string, min: number, max: number): boolean {
  return /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

export const MAX_PERIOD_US = 1_000_000;
const MAX_QUOTA_US = 17592186044415;

/** No quota is no limit; a period without one has no effect, and stays. */
export function setQuota(limits: Limits, quota: string): boolean {
  if (quota === 'max' || /^-\d+$/.test(quota)) delete limits.quotaUs;
  else if (isNumber(quota, 1000, MAX_QUOTA_US)) limits.quotaUs = Number(quota);
  else return false;
  return true;
}

export function setPeriod(limits: Limits, period: string): boolean {
  if (!isNumber(period, 1000, MAX_PERIOD_US)) return false;
  limits.periodUs = Number(period);
  return true;
}

/** A list of the kernel: `0-3,7`, sorted and joined; undefined when it is none. */
export function normalizeList(text: string): string | undefined {
  const set = new Uint8Array(MAX_LIST);
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first > last || last >= MAX_LIST) return undefined;
    set.fill(1, first, last + 1);
  }
  const ranges: string[] = [];
  for (let first = set.indexOf(1); first !== -1; ) {
    const end = set.indexOf(0, first);
    const last = (end === -1 ? MAX_LIST : end) - 1;
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
    first = end === -1 ? -1 : set.indexOf(1, end);
  }
  return ranges.join(',');
}

/** No host has more CPUs or nodes. */
const MAX_LIST = 16384;

export function list(field: 'cpuset' | 'mems'): CgroupFileRow['set'] {
  return (limits, value) => {
    const normal = normalizeList(value);
    if (normal === undefined) return false;
    limits[field] = normal;
    return true;
  };
}

const DEVICE = /^\d{1,8}:\d{1,8}$/;

function deviceOf(limits: Limits, numbers: string): DeviceLimits {
  const known = limits.devices.get(numbers) ?? {};
  limits.devices.set(numbers, known);
  return known;
}

/** `8:0 100` */
export function rate(field: Rate): CgroupFileRow['set'] {
  return (limits, value) => {
    const [numbers = '', amount = '', ...more] = splitBlanks(value);
    const parsed = parseMemorySize(amount);
    if (!DEVICE.test(numbers) || parsed === undefined || more.length > 0) return false;
    setRate(deviceOf(limits, numbers), field, parsed);
    return true;
  };
}

/** 0 and `max` are no limit. */
function setRate(device: DeviceLimits, field: Rate, amount: number): void {
  if (amount === 0) delete device[field];
  else device[field] = amount;
}

const RATES: Readonly<Record<string, Rate>> = {
  rbps: 'readBytesSec',
  wbps: 'writeBytesSec',
  riops: 'readIopsSec',
  wiops: 'writeIopsSec',
};

/** `8:0 rbps=1048576 wiops=max` */
export function setRates(limits: Limits, value: string): boolean {
  const [numbers = '', ...pairs] = splitBlanks(value);
  const parsed = pairs.map((pair) => {
    const [, name = '', amount = ''] = /^(rbps|wbps|riops|wiops)=(max|\d{1,15})$/.exec(pair) ?? [];
    return { field: RATES[name], amount: amount === 'max' ? 0 : Number(amount) };
  });
  if (!DEVICE.test(numbers) || parsed.length === 0 || parsed.some(({ field }) => field === undefined)) return false;
  const device = deviceOf(limits, numbers);
  for (const { field, amount } of parsed) if (field !== undefined) setRate(device, field, amount);
  return true;
}

/** `100`, `default 100` or `8:0 100` */
export function weight(min: number, max: number): CgroupFileRow['set'] {
  return (limits, value) => {
    const words = splitBlanks(value);
    const amount = words.at(-1) ?? '';
    const [scope = 'default'] = words.slice(0, -1);
    if (words.length > 2 || !isNumber(amount, min, max) || (scope !== 'default' && !DEVICE.test(scope))) return false;
    if (scope === 'default') limits.weight = Number(amount);
    else deviceOf(limits, scope).weight = Number(amount);
    return true;
  };
}
