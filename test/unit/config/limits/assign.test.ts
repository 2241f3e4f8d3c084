import { describe, expect, test } from 'vitest';
import { assignLimits, LIMIT_KEYS, listLimits, parseAssignments } from '../../../../src/config/limits/assign.js';
import { LIMITS } from '../../../../src/config/limits/table.js';
import { CtrError } from '../../../../src/errors.js';
import { MINIMAL as SPEC } from '../../container/example-specs.js';

const set = (...words: readonly string[]) => assignLimits(SPEC, parseAssignments(words));
const limits = (...words: readonly string[]) =>
  Object.fromEntries(listLimits(set(...words)).map(({ key, value }) => [key, value]));

/** Values that each key takes. */
const EXAMPLES: Readonly<Record<string, readonly [written: string, shown?: string]>> = {
  memory: ['96M'],
  'memory.soft': ['1.5G', '1536M'],
  'memory.swap': ['128MiB', '128M'],
  'memory.oom-group': ['on'],
  cpu: ['1.5'],
  'cpu.shares': ['512'],
  'cpu.weight': ['100'],
  'cpu.quota': ['50000'],
  'cpu.period': ['20000'],
  'cpuset.cpus': ['0-1,3'],
  'cpuset.mems': ['0'],
  pids: ['100'],
  'blkio.weight': ['500'],
  'blkio.device-weight': ['/dev/sda,20'],
  'blkio.read-bps': ['/dev/sda,10M'],
  'blkio.write-bps': ['/dev/sda,1000', '/dev/sda,1000'],
  'blkio.read-iops': ['/dev/sda,5'],
  'blkio.write-iops': ['/dev/sda,6'],
};

describe('limits by their keys', () => {
  test.each(Object.entries(EXAMPLES))('%s is set, shown, and taken away again', (key, [written, shown = written]) => {
    expect(limits(`${key}=${written}`)[key]).toBe(shown);
    const none = { 'memory.oom-group': 'off', 'cpuset.cpus': 'all', 'cpuset.mems': 'all' }[key];
    const [device] = written.startsWith('/') ? written.split(',') : [];
    const isShare = /weight|shares|period/.test(key);
    const gone = none ?? `${device === undefined ? '' : `${device},`}${isShare ? 'default' : 'max'}`;
    expect(limits(`${key}=${written}`, `${key}=${gone}`)[key]).toBe(undefined);
  });

  test('the examples are of all keys but huge pages', () => {
    expect(Object.keys(EXAMPLES)).toEqual(LIMITS.map(({ key }) => key).filter((key) => key !== 'hugetlb.SIZE'));
  });

  test('huge pages have a key for each size, written to the file of either version', () => {
    expect(set('hugetlb.2MB=4M').cgroupFiles).toEqual([
      { version: 1, file: 'hugetlb.2MB.limit_in_bytes', value: '4194304', twin: 'hugetlb.2MB.max' },
    ]);
    expect(set('hugetlb.2MB=4M', 'hugetlb.2MB=max').cgroupFiles).toBe(undefined);
  });

  test('a limit of memory stands where it stood', () => {
    expect(set('memory=96M').memory).toEqual({ totalBytes: 96 * 2 ** 20 });
    const hard = { ...SPEC, memory: { totalBytes: 5, hardLimitBytes: 6 } };
    expect(assignLimits(hard, [['memory', '1M']]).memory).toEqual({ totalBytes: 5, hardLimitBytes: 2 ** 20 });
    expect(assignLimits(hard, [['memory', 'max']]).memory).toEqual({});
  });

  test.each([
    ['memory=64Q', "nobody knows the unit 'Q'"],
    ['memory=64MB', 'may mean two things'],
    ['memory=1', 'a number of bytes from 1048576'],
    ['cpu=0', 'from 0.01 to 8192'],
    ['cpu.shares=1', 'from 2 to 262144'],
    ['cpu.weight=10001', 'from 1 to 10000'],
    ['cpu.quota=999', 'microseconds from 1000'],
    ['cpuset.cpus=3-1', 'a list like 0-3,8'],
    ['pids=0', 'from 1 to 4194304'],
    ['blkio.weight=9', 'from 10 to 1000'],
    ['blkio.read-bps=10M', 'the path of a block device'],
    ['memory.oom-group=maybe', "'on' or 'off'"],
  ])('%s is refused with what is allowed', (word, reason) => {
    const [key = '', value = ''] = word.split('=');
    expect(() => set(word)).toThrow(new RegExp(`^cannot set '${key}' of 'vm1' to '${value}': it is .*${reason}`));
    expect(codeOf(() => set(word))).toBe('CTR_BAD_LIMIT');
  });

  test.each([
    ['memroy', 'memory'],
    ['hard_limit', 'memory'],
    ['memory.max', 'memory'],
    ['cpu_shares', 'cpu.shares'],
    ['vcpu_quota', 'cpu.quota'],
    ['device-read-bytes-sec', 'blkio.read-bps'],
    ['pids.max', 'pids'],
  ])('whoever writes %s learns of %s', (typed, meant) => {
    expect(hintOf(() => set(`${typed}=1`))).toBe(`did you mean '${meant}'?`);
  });

  test('a word without a value is no assignment', () => {
    expect(codeOf(() => set('memory'))).toBe('CTR_USAGE');
    expect(hintOf(() => set('memory'))).toBe('without assignments, ctr set NAME shows what is set');
    expect(hintOf(() => set('memroy'))).toBe("did you mean 'memory'?");
  });

  test('limits of huge pages are listed as they are set', () => {
    expect(listLimits(set('hugetlb.2MB=4M', 'hugetlb.1GB=2G')).filter(({ key }) => key.startsWith('huge'))).toEqual([
      { key: 'hugetlb.2MB', value: '4M' },
      { key: 'hugetlb.1GB', value: '2G' },
    ]);
  });

  test('no key is given twice, nor as the word of another program for another key', () => {
    expect(new Set(LIMIT_KEYS).size).toBe(LIMIT_KEYS.length);
    const words = LIMITS.flatMap(({ others }) => others);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(LIMIT_KEYS).not.toContain(word);
  });
});

function errorOf(action: () => unknown): CtrError {
  try {
    action();
  } catch (error) {
    if (error instanceof CtrError) return error;
  }
  throw new Error('nothing was thrown');
}

const codeOf = (action: () => unknown) => errorOf(action).code;
const hintOf = (action: () => unknown) => errorOf(action).hint;
