import { describe, expect, test } from 'vitest';
import { createReport } from '../../../../src/config/diagnostics.js';
import { readSeccompFile } from '../../../../src/config/lxc/seccomp-file.js';

function read(text: string) {
  const report = createReport('profile', text);
  const { profile, refusals } = readSeccompFile(text, report);
  return {
    profile,
    refusals,
    faults: report.diagnostics().map(({ line, column, message }) => `${line}:${column} ${message}`),
  };
}

describe('version 2', () => {
  test('a denylist allows what it does not name, and kills what it names without an action', () => {
    expect(read('2\ndenylist\n# comment\nmknod errno 0\nptrace  # trailing\n').profile).toEqual({
      defaultAction: 'allow',
      rules: [
        { names: ['mknod'], action: 'errno', errno: 0 },
        { names: ['ptrace'], action: 'kill-thread' },
      ],
    });
  });

  test('an allowlist kills what it does not name, or as its second line says', () => {
    expect(read('2\nallowlist\nread\n').profile).toEqual({
      defaultAction: 'kill-thread',
      rules: [{ names: ['read'], action: 'allow' }],
    });
    expect(read('2\nwhitelist errno 38\nread log\n').profile).toEqual({
      defaultAction: 'errno',
      defaultErrno: 38,
      rules: [{ names: ['read'], action: 'log' }],
    });
  });

  test('conditions, all of which must hold', () => {
    expect(
      read('2\ndenylist\nclone errno 1 [0,0x10000000,SCMP_CMP_MASKED_EQ,0x10000000] [1,18446744073709551615,!=]\n')
        .profile?.rules,
    ).toEqual([
      {
        names: ['clone'],
        action: 'errno',
        errno: 1,
        args: [
          { index: 0, op: 'masked-eq', value: 0x10000000, valueTwo: 0x10000000 },
          { index: 1, op: 'ne', value: '18446744073709551615' },
        ],
      },
    ]);
    expect(read('2\ndenylist\nread [0,1,SCMP_CMP_MASKED_EQ,3]\n').profile?.rules[0]?.args).toEqual([
      { index: 0, op: 'masked-eq', value: 3, valueTwo: 1 },
    ]);
  });

  test('a forced unmount is refused with EACCES', () => {
    expect(read('2\ndenylist\nreject_force_umount\n').profile?.rules).toEqual([
      { names: ['umount2'], action: 'errno', errno: 13, args: [{ index: 1, op: 'masked-eq', value: 1, valueTwo: 1 }] },
    ]);
  });

  test('sections of an allowlist that say the same are its architectures', () => {
    expect(read('2\nallowlist\n[x86_64]\nread\n[x86]\nread\n')).toMatchObject({
      profile: { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], rules: [{ names: ['read'] }] },
      refusals: [],
    });
  });

  test('sections that differ: a denylist holds for all, an allowlist is refused', () => {
    const sections = '[all]\nread\n[x86]\nwrite\n';
    expect(read(`2\ndenylist\n${sections}`)).toMatchObject({
      profile: { rules: [{ names: ['read'] }, { names: ['write'] }] },
      refusals: [],
    });
    expect(read(`2\nallowlist\n${sections}`).refusals).toEqual(['other rules for each architecture']);
  });

  test('notify is refused', () => {
    expect(read('2\ndenylist\nmount notify\n').refusals).toEqual(['a program that decides on system calls']);
  });
});

test('version 1 has numbers, and is refused', () => {
  expect(read('1\nallowlist\n0\n59\n')).toMatchObject({
    profile: { defaultAction: 'kill-thread', rules: [{ names: ['0', '59'], action: 'allow' }] },
    refusals: ['system calls by their numbers (version 1 of the rules)'],
  });
});

test.each([
  ['', "1:1 the first line must be the version, 1 or 2, not ''"],
  ['3\nallowlist\n', "1:1 the first line must be the version, 1 or 2, not '3'"],
  ['2\nlist\n', "2:1 the second line must be 'allowlist' or 'denylist', not 'list'"],
  ['1\ndenylist\n', "2:1 the second line must be 'allowlist', not 'denylist'"],
  ['2\ndenylist\n  read errno\n', "3:3 an action must be one of allow, kill, trap, log, notify, errno N, not 'errno'"],
  ['2\ndenylist\nread [9,1,==]\n', "3:1 the conditions of 'read' must be like [1,0x80,SCMP_CMP_EQ], not '[9,1,==]'"],
  ['2\ndenylist\n[vax]\n', "3:1 unknown architecture 'vax'"],
  ['2\ndenylist\nREAD\n', "3:1 must be a system call with its action, not 'READ'"],
])('%j has a fault', (text, fault) => {
  expect(read(text).faults).toContain(fault);
});
