import { describe, expect, test } from 'vitest';
import type { CapabilitiesSpec } from '../../../src/config/spec.js';
import { CAPABILITIES } from '../../../src/security/capabilities.js';
import { listCapabilities, planCapabilities } from '../../../src/security/plan-capabilities.js';

const LAST = 40;

function list(policy: CapabilitiesSpec['policy'], states: Record<string, 'on' | 'off'> = {}, last = LAST): Set<string> {
  return new Set(
    listCapabilities({ policy, states: Object.entries(states).map(([name, state]) => ({ name, state })) }, last),
  );
}

function missing(kept: Set<string>): string[] {
  return CAPABILITIES.filter((name) => !kept.has(name));
}

describe('listCapabilities', () => {
  test('drops five by default', () => {
    expect(missing(list('default'))).toEqual(['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin']);
  });

  test('lets states change the default either way', () => {
    expect(missing(list('default', { mknod: 'on', net_raw: 'off', chown: 'on' }))).toEqual([
      'net_raw',
      'sys_module',
      'sys_time',
      'audit_control',
      'mac_admin',
    ]);
  });

  test('keeps all with allow, and none with deny, but for the states', () => {
    expect(missing(list('allow', { sys_time: 'off' }))).toEqual(['sys_time']);
    expect([...list('deny', { chown: 'on', kill: 'off' })]).toEqual(['chown']);
  });

  test('leaves out what the kernel does not have', () => {
    expect(list('allow', {}, 37).has('perfmon')).toBe(false);
    expect(list('allow', {}, 37).has('audit_read')).toBe(true);
    expect(() => list('deny', { bpf: 'on' }, 37)).toThrow(/this kernel does not have it/);
    expect(list('allow', { bpf: 'off' }, 37).has('bpf')).toBe(false);
  });

  test('refuses an unknown name', () => {
    expect(() => list('default', { cap_chown: 'off' })).toThrow(
      "cannot set capability 'cap_chown': no such capability",
    );
  });
});

describe('planCapabilities', () => {
  test('numbers capabilities as the kernel does', () => {
    const mask = (1n << 0n) | (1n << 21n) | (1n << 40n);
    const op = planCapabilities(
      new Set(['chown', 'sys_admin', 'checkpoint_restore']),
      { policy: 'deny', states: [] },
      LAST,
    );
    expect(op).toEqual({
      op: 'capabilities',
      bounding: mask,
      effective: mask,
      permitted: mask,
      inheritable: 0,
      ambient: 0,
    });
  });
});
