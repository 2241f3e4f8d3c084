import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { is32Bit, planDirectoryAndUser, planExec } from '../../../src/container/plan-init.js';
import { OPTION } from '../../../src/exec/plan.js';
import { MINIMAL, UUID } from './example-specs.js';

function environment(changes: Partial<ContainerSpec>): string[] {
  return planExec({ ...MINIMAL, ...changes }, UUID).flatMap((op) => (op.op === 'env' ? [op.entry] : []));
}

function init(changes: Partial<ContainerSpec['init']>): ContainerSpec['init'] {
  return { ...MINIMAL.init, ...changes };
}

describe('planExec', () => {
  test('gives init what libvirt and systemd name, and nothing else', () => {
    expect(environment({})).toEqual([
      'PATH=/bin:/sbin',
      'TERM=linux',
      'container=lxc-libvirt',
      'HOME=/',
      `container_uuid=${UUID}`,
      `LIBVIRT_LXC_UUID=${UUID}`,
      'LIBVIRT_LXC_NAME=vm1',
    ]);
  });

  test('lets the configuration replace a variable in its place, the last one winning', () => {
    const env = [
      { name: 'TERM', value: 'vt100' },
      { name: 'LANG', value: 'C' },
      { name: 'TERM', value: 'xterm' },
    ];
    const entries = environment({ init: init({ env }) });
    expect(entries[1]).toBe('TERM=xterm');
    expect(entries.at(-1)).toBe('LANG=C');
    expect(entries.filter((entry) => entry.startsWith('TERM='))).toHaveLength(1);
  });

  test('names the terminals besides the console', () => {
    const pty = { type: 'pty' } as const;
    expect(environment({ consoles: [pty, pty, pty] })).toContain('container_ttys=pts/1 pts/2');
    expect(environment({ consoles: [pty] }).join()).not.toContain('container_ttys');
  });

  test('hands the command line over', () => {
    expect(environment({ init: init({ cmdline: 'a b' }) })).toContain('LIBVIRT_LXC_CMDLINE=a b');
  });

  test('keeps the arguments in order and ends with the exec', () => {
    const ops = planExec({ ...MINIMAL, init: init({ args: ['-c', 'true'] }) }, UUID);
    expect(ops.slice(-3)).toEqual([
      { op: 'arg', value: '-c' },
      { op: 'arg', value: 'true' },
      { op: 'exec', path: '/bin/sh', options: OPTION.CONTROLLING_TTY },
    ]);
  });

  test.each(['/sbin/init', '/lib/systemd/systemd', '/linuxrc', '/usr/bin/s6-svscan'])(
    'leaves the terminal to %s, which hands it to its children',
    (path) => {
      expect(planExec({ ...MINIMAL, init: init({ path }) }, UUID).at(-1)).toEqual({ op: 'exec', path, options: 0 });
    },
  );
});

describe('planDirectoryAndUser', () => {
  test('starts in / as root unless told otherwise', () => {
    expect(planDirectoryAndUser({ name: 'vm1', init: init({}) })).toEqual([{ op: 'cwd', path: '/' }]);
    expect(planDirectoryAndUser({ name: 'vm1', init: init({ dir: '/srv', group: '100' }) })).toEqual([
      { op: 'cwd', path: '/srv' },
      { op: 'user', user: '', group: '100' },
    ]);
  });
});

describe('is32Bit', () => {
  test('knows the host’s 32-bit sibling', () => {
    expect([is32Bit(undefined, 'x86_64'), is32Bit('x86_64', 'x86_64'), is32Bit('i686', 'x86_64')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(is32Bit('armv7l', 'aarch64')).toBe(true);
  });

  test('refuses what the host cannot run', () => {
    expect(() => is32Bit('aarch64', 'x86_64')).toThrow("cannot run architecture 'aarch64': this host is 'x86_64'");
  });
});
