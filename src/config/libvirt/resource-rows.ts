import { attribute, type ElementRow, element, ignored, ignoredAttributes, refused } from './rows.js';
import { amount, finishSize, type SizeRule, unitAttribute } from './size.js';
import { cpuList, integer, oneOf, refusing } from './values.js';

/** Rows about memory, CPUs and block devices. */

/** Below this not even a shell starts: the kernel charges its stacks, page tables and the page cache of the program. */
const MIN_MEMORY_KIB = 1024;

function size(name: string, about: string, rule: SizeRule): ElementRow {
  return element(name, about, { text: amount, attributes: [unitAttribute('unit')], finish: finishSize(rule) });
}

const memoryAbout = 'the memory limit, unless `hard_limit` overrides it; at least 1 MiB';

export const memoryRow: ElementRow = {
  ...size('memory', memoryAbout, { minKib: MIN_MEMORY_KIB }),
  required: true,
  attributes: [unitAttribute('unit'), ...ignoredAttributes('dumpCore')],
};

export const currentMemoryRow = size('currentMemory', 'kept; at most `memory`, and the same when missing', {
  minKib: 0,
});

export const blkiotuneRow = element('blkiotune', 'share of the block devices', {
  dropEmpty: true,
  children: [
    element('weight', 'weight against other groups', { text: integer(10, 1000) }),
    refused('device', 'rules for single block devices'),
  ],
});

export const memtuneRow = element('memtune', 'memory limits', {
  dropEmpty: true,
  children: [
    size('hard_limit', 'the memory limit', { minKib: MIN_MEMORY_KIB, mayBeUnlimited: true }),
    size('soft_limit', 'what the kernel reclaims down to under pressure', { minKib: 0, mayBeUnlimited: true }),
    ...ignored('min_guarantee'),
    size('swap_hard_limit', 'memory and swap together', { minKib: MIN_MEMORY_KIB, mayBeUnlimited: true }),
  ],
});

export const vcpuRow = element('vcpu', 'reported, not enforced', {
  byDefault: '1',
  text: integer(1, 16384),
  attributes: [
    attribute(
      'placement',
      '`static`',
      refusing(oneOf(['static']), (text) =>
        text === 'auto' ? "'auto' is not supported yet (placement by numad)" : undefined,
      ),
      { byDefault: 'static' },
    ),
    attribute('cpuset', 'the CPUs that the container may run on', cpuList),
    ...ignoredAttributes('current'),
  ],
});

export const cputuneRow = element('cputune', 'share of the CPUs', {
  dropEmpty: true,
  children: [
    element('shares', 'weight against other groups; 1 to 10000 on cgroup v2', { text: integer(1, 262144) }),
    element('period', 'length of one period, in microseconds', { text: integer(1000, 1000000) }),
    element('quota', 'CPU time in one period, in microseconds; negative for no limit', {
      text: refusing(integer(-17592186044415, 17592186044415), (text) =>
        /^\s*\+?\d{1,3}\s*$/.test(text) ? 'must be at least 1000 microseconds, or negative for no limit' : undefined,
      ),
    }),
    ...ignored(
      'global_period',
      'global_quota',
      'emulator_period',
      'emulator_quota',
      'iothread_period',
      'iothread_quota',
    ),
    ...ignored(
      'vcpupin',
      'emulatorpin',
      'iothreadpin',
      'vcpusched',
      'iothreadsched',
      'emulatorsched',
      'cachetune',
      'memorytune',
    ),
  ],
});
