import type { BlkioDeviceSpec, ContainerSpec, DeviceRuleSpec, DevicesSpec } from '../spec.js';
import { lines, type Printed } from './rows.js';

const file = (name: string, value: string | number | undefined): Printed[] =>
  lines(value).map((line) => ({ name, ...line }));

/** Limits as lines of `lxc.cgroup.FILE` (version 1) or `lxc.cgroup2.FILE`. A limit has one line, in the version that says it exactly. */
export function formatCgroupFiles(spec: ContainerSpec, version: 1 | 2): Printed[] {
  const typed = version === 1 ? formatOldLimits(spec) : formatLimits(spec);
  const others = (spec.cgroupFiles ?? []).filter((entry) => entry.version === version);
  return [...typed, ...others.map(({ file: name, value }) => ({ name, value }))];
}

/** Version 2 has other weights, and no word for memory and swap together. */
function formatOldLimits({ memory, cpu, blkio }: ContainerSpec): Printed[] {
  const both = memory.swapHardLimitBytes;
  const isSaid = !isLimit(both) || swapAlone(memory) !== undefined;
  return [
    ...file('memory.memsw.limit_in_bytes', isSaid ? undefined : both),
    ...file('cpu.shares', cpu.shares),
    ...file('blkio.weight', blkio?.weight),
    ...(blkio?.devices ?? []).flatMap((device) =>
      numbersOf(device) === undefined || !device.weight
        ? []
        : file('blkio.weight_device', `${numbersOf(device)} ${device.weight}`),
    ),
  ];
}

/** A group knows numbers, and no other path says them. */
function numbersOf({ path }: BlkioDeviceSpec): string | undefined {
  return /^\/dev\/block\/(\d+:\d+)$/.exec(path)?.[1];
}

function swapAlone(memory: ContainerSpec['memory']): number | undefined {
  const hard = memory.hardLimitBytes ?? memory.totalBytes;
  const both = memory.swapHardLimitBytes;
  return isLimit(hard) && isLimit(both) && both >= hard ? both - hard : undefined;
}

function formatLimits({ memory, cpu, numa, pids, blkio }: ContainerSpec): Printed[] {
  const hard = memory.hardLimitBytes ?? memory.totalBytes;
  return [
    ...file('memory.max', isLimit(hard) ? hard : undefined),
    ...file('memory.high', isLimit(memory.softLimitBytes) ? memory.softLimitBytes : undefined),
    ...file('memory.swap.max', swapAlone(memory)),
    ...(cpu.quotaUs === undefined && cpu.periodUs === undefined ? [] : file('cpu.max', formatQuota(cpu))),
    ...file('cpuset.cpus', cpu.cpuset),
    ...(numa?.mode === 'strict' ? file('cpuset.mems', numa.nodeset) : []),
    ...file('pids.max', pids?.max),
    ...(blkio?.devices ?? []).flatMap((device) => formatDevice(device)),
  ];
}

/** libvirt writes "no limit" as a number beyond the safe ones. */
function isLimit(bytes: number | undefined): bytes is number {
  return bytes !== undefined && Number.isSafeInteger(bytes);
}

function formatQuota({ quotaUs, periodUs }: ContainerSpec['cpu']): string {
  const quota = quotaUs === undefined || quotaUs < 0 ? 'max' : String(quotaUs);
  return periodUs === undefined ? quota : `${quota} ${periodUs}`;
}

function formatDevice(device: BlkioDeviceSpec): Printed[] {
  const numbers = numbersOf(device);
  if (numbers === undefined) return [];
  const limits = [
    ['rbps', device.readBytesSec],
    ['wbps', device.writeBytesSec],
    ['riops', device.readIopsSec],
    ['wiops', device.writeIopsSec],
  ] as const;
  const set = limits
    .filter(([, value]) => value !== undefined && value !== 0)
    .map(([name, value]) => `${name}=${value}`);
  return set.length === 0 ? [] : file('io.max', `${numbers} ${set.join(' ')}`);
}

/** Rules for devices as lines of `lxc.cgroup2.devices.allow` and `…deny`. */
export function formatDeviceRules(devices: DevicesSpec | undefined): Printed[] {
  return (devices?.rules ?? []).flatMap((rule) =>
    formatRule(rule).map((value) => ({ name: rule.allow ? 'devices.allow' : 'devices.deny', value })),
  );
}

function formatRule({ kind, major, minor, access }: DeviceRuleSpec): string[] {
  // `a` alone forgets what stands before it, so it is only for the rule that says all.
  if (kind === 'all' && major === undefined && minor === undefined && access === 'rwm') return ['a'];
  const letters = kind === 'all' ? ['c', 'b'] : [kind === 'char' ? 'c' : 'b'];
  return letters.map((letter) => `${letter} ${major ?? '*'}:${minor ?? '*'} ${access}`);
}
