import type { BlkioDeviceSpec, BlkioSpec, ContainerSpec, CpuSpec, MemorySpec } from '../spec.js';
import { readCgroupFiles, writeCgroupFiles } from './cgroup-files.js';
import type { OciResources } from './config-shape.js';
import { writeDeviceRules } from './devices.js';

/** `linux.resources` of a config.json, both ways. */

type Limits = Pick<ContainerSpec, 'memory' | 'cpu' | 'blkio' | 'numa' | 'pids' | 'cgroupFiles'>;

export function readResources(resources: OciResources): Limits {
  const { memory = {}, cpu = {}, pids } = resources;
  const blkio = readBlkio(resources.blockIO ?? {});
  const max = limitOf(pids?.limit);
  const files = readCgroupFiles(resources);
  return {
    memory: {
      ...some('hardLimitBytes', limitOf(memory.limit)),
      ...some('swapHardLimitBytes', limitOf(memory.swap)),
    },
    cpu: {
      count: 1,
      ...some('cpuset', cpu.cpus === '' ? undefined : cpu.cpus),
      ...some('shares', limitOf(cpu.shares)),
      ...some('periodUs', limitOf(cpu.period)),
      ...some('quotaUs', (cpu.quota ?? 0) < 0 ? -1 : limitOf(cpu.quota)),
    },
    ...some('blkio', blkio),
    ...(cpu.mems === undefined || cpu.mems === '' ? {} : { numa: { mode: 'strict', nodeset: cpu.mems } }),
    ...(max === undefined ? {} : { pids: { max } }),
    ...(files.length === 0 ? {} : { cgroupFiles: files }),
  };
}

/** An optional property: absent, not undefined. */
function some<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

/** What is not above 0 is none, and so is what no memory reaches: some programs write 2^63-1 less a page. */
function limitOf(value = 0): number | undefined {
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

const THROTTLES = {
  throttleReadBpsDevice: 'readBytesSec',
  throttleWriteBpsDevice: 'writeBytesSec',
  throttleReadIOPSDevice: 'readIopsSec',
  throttleWriteIOPSDevice: 'writeIopsSec',
} as const;

type Throttle = keyof typeof THROTTLES;

const NODE = /^\/dev\/block\/(\d{1,10}):(\d{1,10})$/;

function readBlkio(blockIO: NonNullable<OciResources['blockIO']>): BlkioSpec | undefined {
  const devices = new Map<string, { -readonly [K in keyof BlkioDeviceSpec]: BlkioDeviceSpec[K] }>();
  const set = (
    major: number,
    minor: number,
    key: Exclude<keyof BlkioDeviceSpec, 'path'>,
    value: number | undefined,
  ) => {
    if (value === undefined) return;
    const path = `/dev/block/${major}:${minor}`;
    const device = devices.get(path) ?? { path };
    device[key] = value;
    devices.set(path, device);
  };
  for (const { major, minor, weight } of blockIO.weightDevice ?? []) set(major, minor, 'weight', limitOf(weight));
  for (const [name, key] of Object.entries(THROTTLES) as [Throttle, (typeof THROTTLES)[Throttle]][])
    for (const { major, minor, rate } of blockIO[name] ?? []) set(major, minor, key, limitOf(rate));
  const weight = limitOf(blockIO.weight);
  if (weight === undefined && devices.size === 0) return undefined;
  return { ...some('weight', weight), ...(devices.size === 0 ? {} : { devices: [...devices.values()] }) };
}

/** `linux.resources` for a spec; the device rules are always there: without any, other runtimes let everything through. */
export function writeResources(spec: ContainerSpec): OciResources {
  const files = writeCgroupFiles(spec.cgroupFiles ?? []);
  const memory = { ...writeMemory(spec.memory), ...files.memory };
  const cpu = { ...writeCpu(spec), ...files.cpu };
  const blockIO = writeBlkio(spec.blkio ?? {});
  const { memory: _, cpu: __, ...others } = files;
  return {
    ...some('devices', spec.format === 'oci' && spec.devices?.rules === undefined ? undefined : writeDeviceRules(spec)),
    ...some('memory', orNone(memory)),
    ...some('cpu', orNone(cpu)),
    ...(spec.pids === undefined ? {} : { pids: { limit: spec.pids.max } }),
    ...some('blockIO', orNone(blockIO)),
    ...others,
  };
}

function orNone<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function writeMemory({
  totalBytes,
  hardLimitBytes,
  softLimitBytes,
  swapHardLimitBytes,
}: MemorySpec): NonNullable<OciResources['memory']> {
  return {
    // The nearest word: the same on v1, and on v2 it protects where ours throttles.
    ...some('limit', hardLimitBytes ?? totalBytes),
    ...some('reservation', softLimitBytes),
    ...some('swap', swapHardLimitBytes),
  };
}

function writeCpu({
  cpu,
  numa,
}: {
  readonly cpu: CpuSpec;
  readonly numa?: ContainerSpec['numa'];
}): NonNullable<OciResources['cpu']> {
  return {
    ...some('shares', cpu.shares),
    ...some('quota', cpu.quotaUs),
    ...some('period', cpu.periodUs),
    ...some('cpus', cpu.cpuset),
    ...some('mems', numa?.nodeset),
  };
}

/** Devices by their numbers: those of other paths are known to the host alone. */
function writeBlkio({ weight, devices = [] }: BlkioSpec): NonNullable<OciResources['blockIO']> {
  const numbered = devices.flatMap((device) => {
    const numbers = NODE.exec(device.path);
    return numbers === null ? [] : [{ ...device, major: Number(numbers[1]), minor: Number(numbers[2]) }];
  });
  const weights = numbered
    .filter((device) => (device.weight ?? 0) > 0)
    .map(({ major, minor, weight: share = 0 }) => ({ major, minor, weight: share }));
  const throttles = (Object.entries(THROTTLES) as [Throttle, (typeof THROTTLES)[Throttle]][]).map(
    ([name, key]) =>
      [
        name,
        numbered
          .filter((device) => (device[key] ?? 0) > 0)
          .map((device) => ({ major: device.major, minor: device.minor, rate: device[key] ?? 0 })),
      ] as const,
  );
  return {
    ...some('weight', weight),
    ...(weights.length === 0 ? {} : { weightDevice: weights }),
    ...Object.fromEntries(throttles.filter(([, list]) => list.length > 0)),
  };
}
