import { describe, expect, test } from 'vitest';
import type { SecurityLabelSpec } from '../../../src/config/spec.js';
import { planLabels } from '../../../src/security/plan-labels.js';

function plan(label: SecurityLabelSpec, ...modules: readonly ('apparmor' | 'selinux')[]) {
  const security = { seccomp: 'os', masks: true, nesting: false, labels: [label] } as const;
  return planLabels({ name: 'web', security }, { securityModules: modules });
}

describe('planLabels', () => {
  test('takes the label of the module that the kernel has', () => {
    expect(plan({ model: 'selinux', type: 'static', label: 'a:b:c' }, 'selinux')).toEqual([
      { op: 'exec-label', model: 'selinux', label: 'a:b:c' },
    ]);
    expect(plan({ type: 'static', label: 'profile' }, 'apparmor')).toMatchObject([{ model: 'apparmor' }]);
  });

  test('has nothing for what is to be unlabelled', () => {
    expect(plan({ model: 'apparmor', type: 'none' })).toEqual([]);
  });

  test('goes without an optional one where its module is missing, and only there', () => {
    expect(plan({ model: 'apparmor', type: 'dynamic', optional: true }, 'selinux')).toEqual([]);
    expect(plan({ type: 'dynamic', optional: true })).toEqual([]);
    expect(() => plan({ model: 'apparmor', type: 'dynamic', optional: true }, 'apparmor')).toThrow('the host chooses');
  });

  test.each([
    [
      { model: 'apparmor', type: 'static', label: 'x' },
      [],
      'it asks for a label of AppArmor: this kernel has no AppArmor',
    ],
    [{ type: 'dynamic' }, [], 'it asks for a security label: this kernel has neither AppArmor nor SELinux'],
    [{ type: 'dynamic' }, ['apparmor'], 'it asks for a label of AppArmor that the host chooses'],
    [
      { type: 'static', label: 'x', relabel: true },
      ['selinux'],
      'it asks for its files to be labelled anew for SELinux',
    ],
    [{ type: 'static', label: 'x\nchangehat y' }, ['apparmor'], "'x\nchangehat y' is no label of AppArmor"],
    [{ type: 'static' }, ['apparmor'], "'' is no label of AppArmor"],
  ] as const)('refuses %o with %o', (label, modules, reason) => {
    expect(() => plan(label, ...modules)).toThrow(`cannot start 'web': ${reason}`);
  });
});
