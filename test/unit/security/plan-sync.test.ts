import { describe, expect, test } from 'vitest';
import { planSync } from '../../../src/security/plan-sync.js';
import { ABIS } from '../../../src/security/seccomp-compile.js';
import { runFilter } from './run-filter.js';

const ALLOW = 0x7fff0000;
const DONE = 0x00050000;
const EINVAL = DONE | 22;

describe('planSync', () => {
  const [op] = planSync('vm', true, { seccomp: true, arch: 'x86_64' });
  const program = op?.program ?? new Uint8Array();

  test.each(ABIS.x86_64 ?? [])(
    'on ABI %# lets sync calls do nothing, and all others pass',
    ({ auditArch, syscalls }) => {
      const run = (name: string, args: readonly bigint[] = []) =>
        runFilter(program, { auditArch, number: syscalls.get(name) ?? -1, args });
      for (const name of ['sync', 'fsync', 'fdatasync', 'msync', 'syncfs'])
        expect([name, run(name)]).toEqual([name, DONE]);
      for (const name of ['read', 'write', 'execve', 'mount']) expect([name, run(name)]).toEqual([name, ALLOW]);
      expect(run('open', [0n, 0o2n])).toBe(ALLOW);
      expect(run('open', [0n, 0o4010000n])).toBe(EINVAL);
      expect(run('openat', [0n, 0n, 0o10002n])).toBe(EINVAL);
      expect(run('openat', [0o4010000n, 0o4010000n, 0o2n])).toBe(ALLOW);
    },
  );

  test('leaves what is of no known ABI to the other filter', () => {
    expect(runFilter(program, { auditArch: 1, number: 1 })).toBe(ALLOW);
  });

  test('is nothing unless asked for, and an error where it cannot be', () => {
    expect(planSync('vm', undefined, { seccomp: false, arch: 'x86_64' })).toEqual([]);
    expect(() => planSync('vm', true, { seccomp: false, arch: 'x86_64' })).toThrow('this kernel has no seccomp');
    expect(() => planSync('vm', true, { seccomp: true, arch: 'mips' })).toThrow("no table of system calls for 'mips'");
  });
});
