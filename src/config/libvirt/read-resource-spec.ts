import type { BlkioDeviceSpec, BlkioSpec, CpuSpec, MemorySpec, NumaSpec } from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { attributeOf, numberOf, optional, textOf } from './pick.js';
import { bytesOfKib } from './size.js';

/** Limits of a domain that was read without errors. */

export function readMemory(domain: DomainElement): MemorySpec {
  const limit = (...path: readonly string[]) => bytesOfKib(textOf(domain, ...path));
  return {
    ...optional('totalBytes', limit('memory')),
    ...optional('hardLimitBytes', limit('memtune', 'hard_limit')),
    ...optional('softLimitBytes', limit('memtune', 'soft_limit')),
    ...optional('swapHardLimitBytes', limit('memtune', 'swap_hard_limit')),
  };
}

export function readCpu(domain: DomainElement): CpuSpec {
  return {
    count: numberOf(domain, 'vcpu') ?? 1,
    ...optional('cpuset', attributeOf(domain, 'cpuset', 'vcpu')),
    ...optional('shares', numberOf(domain, 'cputune', 'shares')),
    ...optional('periodUs', numberOf(domain, 'cputune', 'period')),
    ...optional('quotaUs', numberOf(domain, 'cputune', 'quota')),
  };
}

export function readBlkio(domain: DomainElement): BlkioSpec | undefined {
  const tune = descendant(domain, 'blkiotune');
  if (tune === undefined) return undefined;
  const devices = childrenOf(tune, 'device').map((device) => readDevice(device));
  return { ...optional('weight', numberOf(tune, 'weight')), ...(devices.length === 0 ? {} : { devices }) };
}

function readDevice(device: DomainElement): BlkioDeviceSpec {
  return {
    path: textOf(device, 'path') ?? '',
    ...optional('weight', numberOf(device, 'weight')),
    ...optional('readIopsSec', numberOf(device, 'read_iops_sec')),
    ...optional('writeIopsSec', numberOf(device, 'write_iops_sec')),
    ...optional('readBytesSec', numberOf(device, 'read_bytes_sec')),
    ...optional('writeBytesSec', numberOf(device, 'write_bytes_sec')),
  };
}

export function readNuma(domain: DomainElement): NumaSpec | undefined {
  const memory = descendant(domain, 'numatune', 'memory');
  const nodeset = attributeOf(memory, 'nodeset');
  return nodeset === undefined
    ? undefined
    : { mode: (attributeOf(memory, 'mode') ?? 'strict') as NumaSpec['mode'], nodeset };
}
