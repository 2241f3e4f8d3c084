import { describe, expect, test } from 'vitest';
import { MS, type Op } from '../../../src/exec/plan.js';
import { type KernelMountsOptions, planKernelMounts } from '../../../src/rootfs/plan-kernel-mounts.js';

const OPTIONS: KernelMountsOptions = { ownNetwork: true, hasUserNamespace: true, nesting: false, securityfs: false };

/** One word per operation, enough to see the order. */
function outline(options: Partial<KernelMountsOptions>): string[] {
  return planKernelMounts({ ...OPTIONS, ...options }).map((op: Op) => {
    if (op.op === 'mount') return `mount ${op.target}${Number(op.flags) & MS.RDONLY ? ' ro' : ''}`;
    if (op.op === 'read-only' && op.except !== '') return `read-only ${op.path} but ${op.except}`;
    return 'path' in op ? `${op.op} ${op.path}` : op.op;
  });
}

describe('planKernelMounts', () => {
  test('keeps /proc/sys/net of an own network writable in a read-only /proc/sys', () => {
    expect(outline({})).toEqual(['mount /proc', 'read-only /proc/sys but /proc/sys/net', 'mount /sys ro']);
  });

  test('makes all of /proc/sys read-only when the network is the host’s', () => {
    expect(outline({ ownNetwork: false })).toEqual(['mount /proc', 'read-only /proc/sys', 'mount /sys ro']);
  });

  test('covers nothing of /proc for nesting, but only where a user namespace guards the sysctls', () => {
    expect(outline({ nesting: true })).toEqual(['mount /proc', 'mount /sys ro']);
    expect(outline({ nesting: true, hasUserNamespace: false })).toContain('read-only /proc/sys but /proc/sys/net');
  });

  test('shows securityfs to a container without a user namespace when the host has it', () => {
    expect(outline({ securityfs: true, hasUserNamespace: false }).at(-1)).toBe('mount /sys/kernel/security ro');
    expect(outline({ securityfs: true }).at(-1)).toBe('mount /sys ro');
    expect(outline({ hasUserNamespace: false }).at(-1)).toBe('mount /sys ro');
  });

  test.each([
    ['proc', 'writable', ['mount /proc', 'mount /sys ro']],
    ['proc', 'none', ['mount /sys ro']],
    ['sys', 'writable', ['mount /proc', 'read-only /proc/sys', 'mount /sys']],
    ['sys', 'none', ['mount /proc', 'read-only /proc/sys']],
    [
      'sys',
      'mixed',
      ['mount /proc', 'read-only /proc/sys', 'mount /sys', 'read-only /sys but /sys/devices/virtual/net'],
    ],
  ] as const)('%s %s', (part, mode, expected) => {
    expect(outline({ ownNetwork: false, kernelMounts: { [part]: mode } })).toEqual(expected);
  });

  test('mounts nothing through a symbolic link, and nothing that runs programs or opens devices', () => {
    for (const op of planKernelMounts({ ...OPTIONS, securityfs: true, hasUserNamespace: false })) {
      if (op.op === 'mount' || op.op === 'bind') expect(Number(op.options) & 8).toBe(8);
      if (op.op === 'mount') expect(Number(op.flags) & 14).toBe(14);
    }
  });
});
