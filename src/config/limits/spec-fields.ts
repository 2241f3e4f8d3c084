/** Where limits stand in a spec: reading one, and a spec with another. Pure. */
import type { BlkioDeviceSpec, CgroupFileSpec, ContainerSpec } from '../spec.js';
import type { Amount } from './values.js';

/** An object with a property, or without it. */
export function withField<T extends object, K extends keyof T>(object: T, key: K, value: T[K] | 'none'): T {
  const { [key]: _, ...rest } = object;
  return (value === 'none' ? rest : { ...rest, [key]: value }) as T;
}

/** A part that says nothing any more goes. */
export function withPart<K extends 'blkio' | 'numa' | 'pids' | 'cgroupFiles'>(
  spec: ContainerSpec,
  key: K,
  part: ContainerSpec[K] | undefined,
): ContainerSpec {
  const isEmpty = part === undefined || Object.keys(part).length === 0;
  return withField<ContainerSpec, K>(spec, key, isEmpty ? 'none' : part);
}

/** libvirt writes "no limit" as a number beyond the safe ones. */
export function limitOf(bytes: number | undefined): number | undefined {
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** What counts: that of `<memory>`, or what stands in its stead. */
export function memoryOf({ memory }: ContainerSpec): number | undefined {
  return limitOf(memory.hardLimitBytes ?? memory.totalBytes);
}

export function withMemory(spec: ContainerSpec, bytes: Amount): ContainerSpec {
  const { totalBytes: _, hardLimitBytes, ...rest } = spec.memory;
  if (bytes === 'none') return { ...spec, memory: rest };
  // One number where there was one: a `<memory>` that has no say any more would mislead.
  const isTotal = hardLimitBytes === undefined && (spec.format === 'libvirt' || spec.memory.totalBytes !== undefined);
  if (isTotal) return { ...spec, memory: { ...rest, totalBytes: bytes } };
  const total = spec.memory.totalBytes === undefined ? {} : { totalBytes: spec.memory.totalBytes };
  return { ...spec, memory: { ...total, ...rest, hardLimitBytes: bytes } };
}

type Rate = Exclude<keyof BlkioDeviceSpec, 'path'>;

export function withDevice(spec: ContainerSpec, path: string, key: Rate, amount: Amount): ContainerSpec {
  const { devices = [], ...rest } = spec.blkio ?? {};
  const known = devices.find((device) => device.path === path) ?? { path };
  const changed = withField(known, key, amount);
  const others = devices.map((device) => (device.path === path ? changed : device));
  const all = devices.includes(known) ? others : [...devices, changed];
  const left = all.filter((device) => Object.keys(device).length > 1);
  return withPart(spec, 'blkio', { ...rest, ...(left.length === 0 ? {} : { devices: left }) });
}

/** `/dev/sda,10M /dev/sdb,1G` */
export function devicesOf({ blkio }: ContainerSpec, key: Rate, format: (amount: number) => string): string | undefined {
  const said = (blkio?.devices ?? []).flatMap((device) =>
    device[key] ? [`${device.path},${format(device[key] ?? 0)}`] : [],
  );
  return said.length === 0 ? undefined : said.join(' ');
}

/** The value that counts of a file of the group, whichever version's name it is told by. */
export function fileOf({ cgroupFiles = [] }: ContainerSpec, ...names: readonly string[]): string | undefined {
  return cgroupFiles.findLast(({ file }) => names.includes(file))?.value;
}

/** With this entry in the stead of all that are about these files. */
export function withFile(
  spec: ContainerSpec,
  names: readonly string[],
  entry: CgroupFileSpec | undefined,
): ContainerSpec {
  const others = (spec.cgroupFiles ?? []).filter(({ file }) => !names.includes(file));
  return withPart(spec, 'cgroupFiles', entry === undefined ? others : [...others, entry]);
}
