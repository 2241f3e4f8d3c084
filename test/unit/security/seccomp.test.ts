import { describe, expect, test } from 'vitest';
import { OPTION } from '../../../src/exec/plan.js';
import { allowsStepsOfInit, planSeccomp } from '../../../src/security/plan-seccomp.js';
import { ABIS, type Abi, compileSeccomp } from '../../../src/security/seccomp-compile.js';
import {
  ALLOWED,
  BY_ARGUMENT,
  BY_CAPABILITY,
  makeAppProfile,
  makeOsProfile,
  NAMESPACES_AND_MOUNTS,
  REFUSED_ALWAYS,
  type Rule,
  type SeccompProfile,
  UNIMPLEMENTED,
} from '../../../src/security/seccomp-profile.js';
import { SYSCALLS_AARCH64, SYSCALLS_I386, SYSCALLS_X86_64 } from '../../../src/security/seccomp-syscalls.js';
import { runFilter } from './run-filter.js';

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

const X86_64 = 0xc000003e;
const I386 = 0x40000003;

const NO_CAPABILITY = makeOsProfile({ capabilities: new Set(), allowSocketcall: false });
const ALL_CAPABILITIES = makeOsProfile({ capabilities: new Set(Object.keys(BY_CAPABILITY)), allowSocketcall: true });

/** What the rule says for these arguments, worked out without BPF. */
function decide(rule: Rule | undefined, args: readonly bigint[]): number {
  if (rule === undefined) return ENOSYS;
  if (rule === 'allow') return ALLOW;
  if ('errno' in rule) return 0x00050000 + rule.errno;
  const value = Number((args[rule.argument] ?? 0n) & BigInt(rule.mask ?? 0xffffffff));
  return decide(rule.oneOf.includes(value) ? rule.matched : rule.otherwise, args);
}

const ARGUMENTS = [
  0n,
  1n,
  8n,
  9n,
  16n,
  38n,
  40n,
  0x5412n,
  0x541cn,
  0x20008n,
  0x11n,
  0x10000011n,
  0x7e020000n,
  0x3d0f00n,
  0xffffffffn,
  0x100005412n,
  0xffffffff00000026n,
];

function checkFilter(abis: readonly Abi[], profile: SeccompProfile): void {
  const program = compileSeccomp(profile, abis);
  for (const { auditArch, syscalls } of abis) {
    const names = new Map([...syscalls].map(([name, number]) => [number, name]));
    for (let number = 0; number <= 600; number++) {
      const rule = profile.get(names.get(number) ?? '');
      const isChecked = typeof rule === 'object' && 'argument' in rule;
      for (const first of isChecked ? ARGUMENTS : [0n]) {
        for (const last of isChecked ? ARGUMENTS : [0n]) {
          const args = [first, isChecked && rule.argument === 1 ? first : 0n, last];
          expect([auditArch, number, runFilter(program, { auditArch, number, args })]).toEqual([
            auditArch,
            number,
            decide(rule, args),
          ]);
        }
      }
    }
  }
}

describe('compileSeccomp', () => {
  test.each(Object.entries(ABIS))('decides every call of %s as the profile does', (_, abis) => {
    checkFilter(abis, NO_CAPABILITY);
    checkFilter(abis, ALL_CAPABILITIES);
  });

  test('decides so when nearly every call differs from its neighbours, and jumps get long', () => {
    const names = [...new Set([...SYSCALLS_X86_64.keys(), ...SYSCALLS_I386.keys()])];
    const profile = new Map<string, Rule>(names.map((name, index) => [name, { errno: 1 + (index % 90) }]));
    profile.set('ioctl', BY_ARGUMENT.ioctl);
    profile.set('socket', BY_ARGUMENT.socket);
    checkFilter(ABIS.x86_64 ?? [], profile);
  });

  test('answers calls beyond the tables, and those of x32, as a kernel without them', () => {
    const program = compileSeccomp(ALL_CAPABILITIES, ABIS.x86_64 ?? []);
    for (const number of [0x40000000, 0x40000000 + 39, 1_000_000, 0x7fffffff, 0xffffffff]) {
      expect(runFilter(program, { auditArch: X86_64, number })).toBe(ENOSYS);
      expect(runFilter(program, { auditArch: I386, number })).toBe(ENOSYS);
    }
  });

  test('kills a process of an architecture that is not the host’s', () => {
    const program = compileSeccomp(ALL_CAPABILITIES, ABIS.x86_64 ?? []);
    expect(runFilter(program, { auditArch: 0xc00000b7, number: 0 })).toBe(KILL_PROCESS);
  });
});

describe('the profile of a whole system', () => {
  const program = compileSeccomp(NO_CAPABILITY, ABIS.x86_64 ?? []);
  const ask = (number: number, ...args: bigint[]) => runFilter(program, { auditArch: X86_64, number, args });
  const ask32 = (number: number, ...args: bigint[]) => runFilter(program, { auditArch: I386, number, args });

  test.each([
    ['add_key', 248, 286],
    ['keyctl', 250, 288],
    ['bpf', 321, 357],
    ['perf_event_open', 298, 336],
    ['io_uring_setup', 425, 425],
    ['open_by_handle_at', 304, 342],
    ['kexec_load', 246, 283],
    ['swapon', 167, 87],
    ['syslog', 103, 103],
    ['userfaultfd', 323, 374],
    ['init_module', 175, 128],
    ['clock_settime', 227, 264],
  ])('refuses %s on both ABIs', (_, number, number32) => {
    expect([ask(number), ask32(number32)]).toEqual([EPERM, EPERM]);
  });

  test.each([
    ['read', 0, 3],
    ['clone', 56, 120],
    ['clone3', 435, 435],
    ['mount', 165, 21],
    ['unshare', 272, 310],
    ['ptrace', 101, 26],
    ['execve', 59, 11],
  ])('allows %s on both ABIs', (_, number, number32) => {
    expect([ask(number), ask32(number32)]).toEqual([ALLOW, ALLOW]);
  });

  test('refuses to type into terminals, whatever the high half of the request is', () => {
    for (const request of [0x5412n, 0x541cn, 0x100005412n, 0xffffffff0000541cn])
      expect(ask(16, 0n, request)).toBe(EPERM);
    expect(ask(16, 0n, 0x5401n)).toBe(ALLOW);
  });

  test('knows no address family that is the host’s', () => {
    expect(ask(41, 38n)).toBe(EAFNOSUPPORT);
    expect(ask(41, 0x100000028n)).toBe(EAFNOSUPPORT);
    expect(ask(41, 16n, 3n, 9n)).toBe(EAFNOSUPPORT);
    expect([ask(41, 16n, 3n, 0n), ask(41, 2n, 1n, 9n)]).toEqual([ALLOW, ALLOW]);
  });

  test('lets a 32-bit program make sockets by socketcall only where the whole container is 32-bit', () => {
    const compat = compileSeccomp(ALL_CAPABILITIES, ABIS.x86_64 ?? []);
    expect([ask32(102, 1n), ask32(102, 3n)]).toEqual([EPERM, ALLOW]);
    expect(runFilter(compat, { auditArch: I386, number: 102, args: [1n] })).toBe(ALLOW);
  });

  test.each(Object.entries(BY_CAPABILITY))(
    'allows what belongs to %s with that capability alone',
    (capability, names) => {
      const profile = makeOsProfile({ capabilities: new Set([capability]), allowSocketcall: false });
      for (const name of names) {
        expect(profile.get(name)).toBe('allow');
        expect(NO_CAPABILITY.get(name)).toEqual({ errno: 1 });
      }
    },
  );

  test('has each call of the tables in one list', () => {
    const listed = [
      ...ALLOWED,
      ...NAMESPACES_AND_MOUNTS,
      ...Object.values(BY_CAPABILITY).flat(),
      ...REFUSED_ALWAYS,
      ...UNIMPLEMENTED,
      ...Object.keys(BY_ARGUMENT),
    ];
    const known = new Set([SYSCALLS_X86_64, SYSCALLS_I386, SYSCALLS_AARCH64].flatMap((table) => [...table.keys()]));
    expect(listed.toSorted()).toEqual([...known].toSorted());
  });
});

describe('planSeccomp', () => {
  const host = { seccomp: true, arch: 'x86_64' };
  const options = { capabilities: new Set<string>(), allowSocketcall: false };
  const os = { seccomp: 'os', masks: true, nesting: false } as const;

  test('makes a small program: loading it costs by its length', () => {
    const [op] = planSeccomp(os, host, options);
    expect((op?.program.length ?? 0) / 8).toBeLessThan(256);
  });

  test('is loaded early when it allows what init has yet to do, and only then', () => {
    const profile = makeOsProfile(options);
    const refused = { errno: 1 };
    expect(planSeccomp(os, host, options)).toMatchObject([{ options: OPTION.EARLY }]);
    for (const name of ['mount', 'unshare', 'ioctl', 'personality', 'setresuid'])
      expect(allowsStepsOfInit(new Map(profile).set(name, refused)), name).toBe(false);
    expect(allowsStepsOfInit(new Map(profile).set('bpf', refused))).toBe(true);
  });

  test('makes none when the configuration gives it up', () => {
    expect(planSeccomp({ ...os, seccomp: 'none' }, { seccomp: false, arch: 'vax' }, options)).toEqual([]);
  });

  test('refuses a host where it cannot be enforced', () => {
    expect(() => planSeccomp(os, { ...host, seccomp: false }, options)).toThrow(/this kernel has no seccomp/);
    expect(() => planSeccomp(os, { ...host, arch: 'riscv64' }, options)).toThrow(/no table of them for 'riscv64'/);
  });
});

describe('the profile of an application', () => {
  const capabilities = new Set(['sys_chroot']);
  const profile = makeAppProfile({ capabilities, allowSocketcall: false });

  test.for(Object.keys(ABIS))('is what its rules say [%s]', (arch) => {
    checkFilter(ABIS[arch] ?? [], profile);
  });

  test('mounts nothing and makes no namespace, by none of the calls', () => {
    const program = compileSeccomp(profile, ABIS.x86_64 ?? []);
    const verdict = (name: string, first: bigint) =>
      runFilter(program, { auditArch: X86_64, number: SYSCALLS_X86_64.get(name) ?? -1, args: [first] });
    for (const name of NAMESPACES_AND_MOUNTS.filter((call) => call !== 'chroot' && SYSCALLS_X86_64.has(call))) {
      expect({ name, verdict: verdict(name, 0n) }).toEqual({ name, verdict: EPERM });
    }
    expect(verdict('chroot', 0n)).toBe(ALLOW);
    expect(verdict('clone3', 0n)).toBe(ENOSYS);
    // A thread, a process, and each of the namespaces, also with bits that the kernel does not look at.
    expect([verdict('clone', 0x3d0f00n), verdict('clone', 17n), verdict('clone', 0xffffffff00000011n)]).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ]);
    for (const flag of [0x20000n, 0x02000000n, 0x04000000n, 0x08000000n, 0x10000000n, 0x20000000n, 0x40000000n])
      expect([flag, verdict('clone', flag | 17n), verdict('clone', flag | 0x100000011n)]).toEqual([flag, EPERM, EPERM]);
  });
});
