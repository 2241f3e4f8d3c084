import type { BlkioDeviceSpec, BlkioSpec, CgroupFileSpec, CpuSpec, MemorySpec, NumaSpec } from '../spec.js';
import { scalar } from './shape.js';
import { list } from './shape-lists.js';
import { objectOf, optional, required } from './shape-objects.js';
import { absolutePath, anyText, integer, oneOf, text } from './shape-values.js';

/** Tables of the limits in `spec.ts`. */

const natural = integer(0, Number.MAX_SAFE_INTEGER);
const bytes = natural;

export const memoryShape = objectOf<MemorySpec>('an object', {
  totalBytes: optional('limit of memory', bytes),
  hardLimitBytes: optional('instead of it', bytes),
  softLimitBytes: optional('what is left in peace when memory is short', bytes),
  swapHardLimitBytes: optional('memory and swap together', bytes),
});

export const cpuShape = objectOf<CpuSpec>('an object', {
  count: required('reported, not enforced', integer(1, 16384)),
  cpuset: optional('CPU list', anyText),
  shares: optional('weight', natural),
  periodUs: optional('microseconds', natural),
  quotaUs: optional('microseconds in each period; negative: unlimited', integer(-(2 ** 53 - 1), 2 ** 53 - 1)),
});

const blkioDevice = objectOf<BlkioDeviceSpec>('limits of a device', {
  path: required('block device of the host', absolutePath),
  weight: optional('share', natural),
  readIopsSec: optional('reads per second', natural),
  writeIopsSec: optional('writes per second', natural),
  readBytesSec: optional('bytes read per second', natural),
  writeBytesSec: optional('bytes written per second', natural),
});

export const blkioShape = objectOf<BlkioSpec>('an object', {
  weight: optional('share', natural),
  devices: optional('single devices', list(blkioDevice)),
});

export const numaShape = objectOf<NumaSpec>('an object', {
  mode: required('policy', oneOf(['strict', 'preferred', 'interleave', 'restrictive'])),
  nodeset: required('node list', anyText),
});

const cgroupFileName = text('a name of a file, like memory.max', /^[A-Za-z0-9_]+\.[A-Za-z0-9_.-]+$/);

export const cgroupFileShape = objectOf<CgroupFileSpec>('a file with a value', {
  version: required(
    'of cgroups',
    scalar<1 | 2>('1 or 2', { enum: [1, 2] }, (node) =>
      node.kind === 'number' && /^[12]$/.test(node.text) ? { value: node.text === '1' ? 1 : 2 } : {},
    ),
  ),
  file: required('its name', cgroupFileName),
  value: required('what is written', anyText),
  twin: optional('file of the other version that takes the same value', cgroupFileName),
});
