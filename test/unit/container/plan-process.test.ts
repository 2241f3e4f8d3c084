import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { maskOf } from '../../../src/container/cpu-mask.js';
import { planOuterProcess, planProcess } from '../../../src/container/plan-process.js';
import { formatMask } from '../../../src/exec/format-values.js';

const plan = (process: NonNullable<ContainerSpec['process']>) => planProcess({ name: 'vm', process }, true);
const outer = (process: NonNullable<ContainerSpec['process']>) => planOuterProcess({ name: 'vm', process });

describe('planProcess', () => {
  test('has nothing for a process that asks for nothing', () => {
    expect(planProcess({ name: 'vm' }, true)).toEqual([]);
    expect(planOuterProcess({ name: 'vm' })).toEqual([]);
  });

  test('numbers limits as the kernel does', () => {
    const rlimits = [
      { name: 'cpu', soft: 1, hard: 'infinity' as const },
      { name: 'rttime', soft: 'infinity' as const, hard: 'infinity' as const },
    ];
    expect(plan({ rlimits })).toEqual([
      { op: 'rlimit', name: 'cpu', resource: 0, soft: 1n, hard: 2n ** 64n - 1n },
      { op: 'rlimit', name: 'rttime', resource: 15, soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n },
    ]);
  });

  test.each([
    [{ rlimits: [{ name: 'files', soft: 1, hard: 1 }] }, "this kernel has no resource limit 'files'"],
    [
      { rlimits: [{ name: 'nofile', soft: 2, hard: 1 }] },
      "limit 'nofile' has a soft value of 2 above its hard one of 1",
    ],
    [{ rlimits: [{ name: 'nofile', soft: -1, hard: 1 }] }, "-1 is no value of limit 'nofile'"],
    [{ umask: 0o1000 }, 'a umask of 512 has other bits than permissions'],
    [{ cpuAffinity: '3-1' }, "'3-1' is no list of CPUs"],
    [{ oomScoreAdj: 1001 }, 'an oom score adjustment of 1001 is not from -1000 to 1000'],
    [{ nice: 20 }, 'a nice value of 20 is not from -20 to 19'],
    [{ procFiles: [{ file: 'mem', value: '' }] }, "'mem' of /proc/PID is not for a configuration to write"],
    [{ procFiles: [{ file: '../1/mem', value: '' }] }, "'../1/mem' of /proc/PID is not for a configuration to write"],
  ])('refuses %o', (process, reason) => {
    expect(() => [...plan(process), ...outer(process)]).toThrow(`cannot start 'vm': ${reason}`);
  });

  test('leaves nodes to the cpuset where it can bind to them, and only there', () => {
    const numa = { mode: 'strict', nodeset: '1' } as const;
    expect(planProcess({ name: 'vm', numa }, true)).toEqual([]);
    expect(planProcess({ name: 'vm', numa }, false)).toMatchObject([{ op: 'memory-policy', mode: 2 }]);
    const preferred = { mode: 'preferred', nodeset: '1' } as const;
    expect(planProcess({ name: 'vm', numa: preferred }, true)).toMatchObject([{ op: 'memory-policy', mode: 1 }]);
  });
});

describe('maskOf', () => {
  test.each(['0', '0-3,8', '63', '64', '1,127-130', '8191'])('holds exactly %s, in whole words', (list) => {
    const mask = maskOf(list);
    expect(formatMask(mask ?? new Uint8Array())).toBe(list);
    expect((mask?.length ?? 1) % 8).toBe(0);
  });

  test.each(['', 'a', '1-', '-1', '8192', '2-1', '1,,2', '0x1'])("takes '%s' for no list", (list) => {
    expect(maskOf(list)).toBeUndefined();
  });
});
