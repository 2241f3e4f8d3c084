import { describe, expect, test } from 'vitest';
import { compileDeviceRules } from '../../../src/cgroups/device-program.js';
import { formatDeviceRule, listDeviceRules } from '../../../src/cgroups/device-rules.js';
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
