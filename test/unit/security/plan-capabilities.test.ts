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
  const plan = (spec: Partial<CapabilitiesSpec>, last = LAST) =>
    planCapabilities(new Set(['chown', 'kill']), { policy: 'deny', states: [], ...spec }, last);

  test('makes ambient ones inheritable, and keeps the sets apart that are given', () => {
    expect(plan({ ambient: ['kill'] })).toMatchObject({ inheritable: 0x20n, ambient: 0x20n, effective: 0x21n });
    expect(plan({ effective: ['kill'], permitted: ['kill'], inheritable: [] })).toMatchObject({
      bounding: 0x21n,
      effective: 0x20n,
      permitted: 0x20n,
      inheritable: 0,
    });
  });

  test.each([
    [
      { effective: ['chown'], permitted: ['kill'] },
      "cannot give capability 'chown': it is effective, but not permitted",
    ],
    [{ ambient: ['sys_admin'] }, "cannot give capability 'sys_admin': it is ambient, but not permitted"],
    [{ ambient: ['kill'], inheritable: [] }, "cannot give capability 'kill': it is ambient, but not inheritable"],
    [{ ambient: ['none'] }, "cannot set capability 'none': no such capability"],
  ])('refuses %o', (spec, message) => {
    expect(() => plan(spec)).toThrow(message);
  });

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
