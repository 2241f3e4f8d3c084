import { quote } from '../display-text.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  type ValueType,
  type Written,
} from './rows.js';
import { amount, finishSize, type SizeRule, unitAttribute } from './size.js';
import { absolutePath, cpuList, integer, oneOf, refusing } from './values.js';

/** Rows about memory, CPUs and block devices. */

/** Below this not even a shell starts: the kernel charges its stacks, page tables and the page cache of the program. */
const MIN_MEMORY_KIB = 1024;

function size(name: string, about: string, rule: SizeRule): ElementRow {
  return element(name, about, { text: amount, attributes: [unitAttribute('unit')], finish: finishSize(rule) });
}

const memoryAbout = 'the memory limit, unless `hard_limit` overrides it; at least 1 MiB; 9007199254740991: no limit';

export const memoryRow: ElementRow = {
  ...size('memory', memoryAbout, { minKib: MIN_MEMORY_KIB, unlimited: 'stays' }),
  required: true,
  attributes: [...ignoredAttributes('dumpCore'), unitAttribute('unit')],
};

export const currentMemoryRow = size('currentMemory', 'kept; at most `memory`, and the same when missing', {
  minKib: 0,
  unlimited: 'stays',
});

/** libvirt takes 0 as nothing said, and does not print it. */
function orZero(type: ValueType): ValueType {
  return {
    ...type,
    read: (text) => (/^\s*0+\s*$/.test(text) ? { ok: true, canonical: '0' } : type.read(text)),
  };
}

function dropZero(read: DomainElement): DomainElement | undefined {
  return read.text === '0' ? undefined : read;
}

const weight = integer(0, 10000);
const perSecond = (name: string, about: string, max: number) => element(name, about, { text: integer(0, max) });

/** libvirt drops what limits nothing, and a device without any limit. */
function dropZeros(read: DomainElement): DomainElement | undefined {
  const children = childrenOf(read).filter(({ name, text }) => name === 'path' || Number(text) !== 0);
  return children.some(({ name }) => name !== 'path') ? { ...read, children } : undefined;
}

const UINT = 4294967295;

function checkDevicePaths(read: DomainElement, { element: source, report }: Written): DomainElement {
  const paths = childrenOf(read, 'device').map((device) => descendant(device, 'path')?.text ?? '');
  const seen = new Set<string>();
  const twice = paths.find((path) => seen.size === seen.add(path).size);
  if (twice !== undefined) report.error(source.offset, `<blkiotune> has ${quote(twice)} twice`);
  return read;
}

export const blkiotuneRow = element('blkiotune', 'share of the block devices', {
  dropEmpty: true,
  children: [
    element('weight', 'weight against other groups; 0: as without', {
      text: orZero(integer(10, 1000)),
      finish: dropZero,
    }),
    element('device', 'limits of one block device', {
      many: true,
      children: [
        element('path', 'path on the host', { required: true, text: absolutePath }),
        element('weight', 'weight against other groups', { text: weight }),
        perSecond('read_iops_sec', 'read operations per second', UINT),
        perSecond('write_iops_sec', 'write operations per second', UINT),
        perSecond('read_bytes_sec', 'bytes read per second', Number.MAX_SAFE_INTEGER),
        perSecond('write_bytes_sec', 'bytes written per second', Number.MAX_SAFE_INTEGER),
      ],
      finish: dropZeros,
    }),
  ],
  finish: checkDevicePaths,
});

const minGuarantee = size('min_guarantee', 'no effect in a container', { minKib: 0, unlimited: 'stays' });

const minGuaranteeRow: ElementRow = {
  ...minGuarantee,
  standing: 'ignored',
  finish: (read, written) => {
    const finished = minGuarantee.finish?.(read, written);
    return finished === undefined ? undefined : dropZero(finished);
  },
};

export const memtuneRow = element('memtune', 'memory limits', {
  dropEmpty: true,
  children: [
    size('hard_limit', 'the memory limit', { minKib: MIN_MEMORY_KIB, unlimited: 'vanishes' }),
    size('soft_limit', 'what the kernel reclaims down to under pressure', { minKib: 0, unlimited: 'vanishes' }),
    minGuaranteeRow,
    size('swap_hard_limit', 'memory and swap together', { minKib: MIN_MEMORY_KIB, unlimited: 'vanishes' }),
  ],
});

function without(read: DomainElement, name: string): DomainElement {
  return { ...read, attributes: new Map([...read.attributes].filter(([key]) => key !== name)) };
}

/** libvirt prints no list of CPUs that numad chooses, and no current count that is all of them. */
function finishVcpu(read: DomainElement, { report, attributeOffset }: Written): DomainElement {
  const current = Number(read.attributes.get('current') ?? read.text);
  if (current > Number(read.text))
    report.error(attributeOffset('current'), `attribute 'current' of <vcpu> must be at most ${read.text}, the count`);
  const chosen = read.attributes.get('placement') === 'auto' ? without(read, 'cpuset') : read;
  return current === Number(read.text) ? without(chosen, 'current') : chosen;
}

export const vcpuRow = element('vcpu', 'reported, not enforced', {
  byDefault: '1',
  text: integer(1, 16384),
  attributes: [
    attribute('placement', '`static`; a start refuses `auto`, which asks numad', oneOf(['static', 'auto']), {
      byDefault: 'static',
    }),
    attribute('cpuset', 'the CPUs that the container may run on', cpuList),
    attribute('current', 'no effect in a container; at most the count', integer(0, 16384), { standing: 'ignored' }),
  ],
  finish: finishVcpu,
});

export const cputuneRow = element('cputune', 'share of the CPUs', {
  dropEmpty: true,
  children: [
    element('shares', 'weight against other groups; on cgroup v2 the weight of the same curve, not the number itself', {
      text: integer(1, 262144),
    }),
    element('period', 'length of one period, in microseconds; 0: as without', {
      text: orZero(integer(1000, 1000000)),
      finish: dropZero,
    }),
    element('quota', 'CPU time in one period, in microseconds; negative for no limit, 0: as without', {
      text: orZero(
        refusing(integer(-17592186044415, 17592186044415), (text) =>
          /^\s*\+?\d{1,3}\s*$/.test(text) ? 'must be at least 1000 microseconds, or negative for no limit' : undefined,
        ),
      ),
      finish: dropZero,
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
