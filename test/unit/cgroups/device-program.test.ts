import { describe, expect, test } from 'vitest';
import { compileDeviceRules } from '../../../src/cgroups/device-program.js';
import { type DeviceRule, formatDeviceRule, isForV1, listDeviceRules } from '../../../src/cgroups/device-rules.js';
import type { DeviceRuleSpec } from '../../../src/config/spec.js';
import { runDeviceProgram } from './run-device-program.js';

describe('compileDeviceRules', () => {
  const program = compileDeviceRules(listDeviceRules(false));

  test.each([
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 2],
    [136, 0],
    [136, 1048575],
  ])('allows all access to the character device %i:%i', (major, minor) => {
    for (const access of ['r', 'w', 'm', 'rw', 'rwm']) {
      expect(runDeviceProgram(program, { type: 'c', major, minor, access })).toBe(true);
    }
  });

  test.each([
    ['the memory of the host', 'c', 1, 1],
    ['the log of the kernel', 'c', 1, 11],
    ['the console of the host', 'c', 5, 1],
    ['FUSE', 'c', 10, 229],
    ['a disk', 'b', 8, 0],
    ['a block device with numbers of an allowed character device', 'b', 1, 3],
    ['a neighbour of the terminals', 'c', 137, 0],
  ] as const)('refuses %s', (_, type, major, minor) => {
    for (const access of ['r', 'w', 'm', 'rwm']) {
      expect(runDeviceProgram(program, { type, major, minor, access })).toBe(false);
    }
  });

  test('lets nodes of any device be made, not opened, when mknod is asked for', () => {
    const withMknod = compileDeviceRules(listDeviceRules(true));
    expect(runDeviceProgram(withMknod, { type: 'b', major: 8, minor: 0, access: 'm' })).toBe(true);
    expect(runDeviceProgram(withMknod, { type: 'c', major: 10, minor: 229, access: 'm' })).toBe(true);
    expect(runDeviceProgram(withMknod, { type: 'b', major: 8, minor: 0, access: 'r' })).toBe(false);
    expect(runDeviceProgram(withMknod, { type: 'b', major: 8, minor: 0, access: 'rm' })).toBe(false);
    expect(runDeviceProgram(withMknod, { type: 'c', major: 1, minor: 3, access: 'rw' })).toBe(true);
  });

  test('refuses everything without a rule', () => {
    expect(runDeviceProgram(compileDeviceRules([]), { type: 'c', major: 1, minor: 3, access: 'r' })).toBe(false);
  });
});

describe('rules of a configuration', () => {
  const ALL: DeviceRuleSpec = { allow: false, kind: 'all', access: 'rwm' };
  const of = (...rules: DeviceRuleSpec[]) => listDeviceRules(false, rules);
  const can = (rules: readonly DeviceRule[], access: string, major: number, minor: number, type: 'b' | 'c' = 'c') =>
    runDeviceProgram(compileDeviceRules(rules), { type, major, minor, access });

  test('the last one that is for an access decides it, letter by letter', () => {
    const rules = of(
      { allow: true, kind: 'char', major: 1, access: 'rwm' },
      { allow: false, kind: 'char', major: 1, minor: 5, access: 'w' },
      { allow: false, kind: 'char', major: 1, minor: 7, access: 'rwm' },
      { allow: true, kind: 'char', major: 1, minor: 7, access: 'r' },
    );
    expect(['r', 'w', 'rw', 'm'].map((access) => can(rules, access, 1, 5))).toEqual([true, false, false, true]);
    expect(['r', 'w', 'rw', 'm'].map((access) => can(rules, access, 1, 7))).toEqual([true, false, false, false]);
    expect(can(rules, 'rwm', 1, 3)).toBe(true);
    expect(can(rules, 'r', 2, 3)).toBe(false);
  });

  test('one for all devices makes an end of those before it', () => {
    const open = of({ allow: true, kind: 'char', major: 9, access: 'r' }, { ...ALL, allow: true });
    expect([can(open, 'rwm', 200, 4), can(open, 'rwm', 1, 1, 'b')]).toEqual([true, true]);
    const closed = of({ ...ALL, allow: true }, ALL, { allow: true, kind: 'all', major: 1, access: 'r' });
    expect([can(closed, 'r', 1, 1), can(closed, 'r', 1, 1, 'b'), can(closed, 'w', 1, 1)]).toEqual([true, true, false]);
  });

  test('have no instruction that is never reached, which the kernel would refuse', () => {
    const length = (rules: readonly DeviceRule[]) => compileDeviceRules(rules).length;
    expect(length(of(ALL))).toBe(length([]));
    expect(length(of({ allow: true, kind: 'char', access: 'r' }, ALL))).toBe(length([]));
  });

  test('know when cgroup v1 means something else by them', () => {
    const char = (allow: boolean, minor?: number): DeviceRuleSpec => ({
      allow,
      kind: 'char',
      major: 1,
      ...(minor === undefined ? {} : { minor }),
      access: 'rwm',
    });
    expect(isForV1(of(ALL, char(true, 3), char(true)))).toBe(true);
    expect(isForV1(of(ALL, char(true, 3), char(false, 3)))).toBe(true);
    expect(isForV1(of(ALL, char(true), char(false, 3)))).toBe(false);
    expect(isForV1(of({ ...ALL, allow: true }, char(false), char(true, 3)))).toBe(false);
    expect(isForV1(of(char(true), char(false, 3), ALL))).toBe(true);
    expect(isForV1(of(char(true), { ...char(false, 3), kind: 'block' }))).toBe(true);
  });

  test('mean a device that is known at the start by its place', () => {
    const rules = listDeviceRules(false, undefined, [{ type: 'b', numbers: { device: 7 }, access: 'rw' }]);
    const program = compileDeviceRules(rules);
    const view = new DataView(program.buffer);
    const marks = Array.from({ length: program.length / 8 }, (_, at) => at)
      .filter((at) => view.getUint8(at * 8) === 0x55 && view.getUint8(at * 8 + 1) >> 4 !== 0)
      .map((at) => [view.getUint8(at * 8 + 1) >> 4, view.getInt32(at * 8 + 4, true)]);
    expect(marks).toEqual([
      [1, 7],
      [2, 7],
    ]);
  });
});

test('formatDeviceRule writes a line of devices.allow', () => {
  expect(listDeviceRules(true).map(formatDeviceRule)).toEqual([
    'c 1:3 rwm',
    'c 1:5 rwm',
    'c 1:7 rwm',
    'c 1:8 rwm',
    'c 1:9 rwm',
    'c 5:0 rwm',
    'c 5:2 rwm',
    'c 136:* rwm',
    'c *:* m',
    'b *:* m',
  ]);
});
