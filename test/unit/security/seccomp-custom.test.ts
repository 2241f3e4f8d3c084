import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeccompAction, SeccompArgument, SeccompProfile, SeccompRule } from '../../../src/config/spec.js';
import { planSeccomp } from '../../../src/security/plan-seccomp.js';
import { compileSeccompProfile } from '../../../src/security/seccomp-custom.js';
import { SYSCALLS_AARCH64, SYSCALLS_I386, SYSCALLS_X86_64 } from '../../../src/security/seccomp-syscalls.js';
import { runFilter } from './run-filter.js';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const AARCH64 = 0xc00000b7;

const ALLOW = 0x7fff0000;
const ENOSYS = 0x00050026;
const EPERM = 0x00050001;
const KILL_PROCESS = 0x80000000;

const VALUES: Readonly<Record<SeccompAction, number>> = {
  allow: ALLOW,
  errno: 0x00050000,
  'kill-thread': 0,
  'kill-process': KILL_PROCESS,
  trap: 0x00030000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
};

function valueOfRule(action: SeccompAction, errno = 1): number {
  return (VALUES[action] | (action === 'errno' || action === 'trace' ? errno : 0)) >>> 0;
}

function holds({ index, op, value, valueTwo = 0 }: SeccompArgument, args: readonly bigint[]): boolean {
  const [argument, right] = [args[index] ?? 0n, BigInt(value)];
  switch (op) {
    case 'eq':
      return argument === right;
    case 'ne':
      return argument !== right;
    case 'lt':
      return argument < right;
    case 'le':
      return argument <= right;
    case 'gt':
      return argument > right;
    case 'ge':
      return argument >= right;
    case 'masked-eq':
      return (argument & right) === (BigInt(valueTwo) & right);
  }
}

/** What a profile says about a call of x86_64, worked out without BPF. */
function decide({ defaultAction, defaultErrno, rules }: SeccompProfile, name: string, args: readonly bigint[]): number {
  const numbers = rules.flatMap(({ names }) => names.map((each) => SYSCALLS_X86_64.get(each) ?? 0));
  const fallback = valueOfRule(defaultAction, defaultErrno);
  const own = rules.filter((rule) => rule.names.includes(name) && valueOfRule(rule.action, rule.errno) !== fallback);
  const always = own.find(({ args: conditions = [] }) => conditions.length === 0);
  const found =
    always ?? own.find(({ args: conditions = [] }) => conditions.every((condition) => holds(condition, args)));
  if (found !== undefined) return valueOfRule(found.action, found.errno);
  const isNewer = own.length === 0 && (SYSCALLS_X86_64.get(name) ?? 0) > Math.max(0, ...numbers);
  return defaultAction === 'errno' && isNewer ? ENOSYS : fallback;
}

const NAMES = ['read', 'open', 'socket', 'ioctl', 'clone', 'personality', 'openat', 'clone3'];
const EDGES = [0n, 1n, 5n, 0xffffffffn, 0x100000000n, 0x100000005n, 2n ** 63n, 2n ** 64n - 1n];

const edge = fc.constantFrom(...EDGES.flatMap((value) => [value, (value + 1n) % 2n ** 64n]));
const written = edge.map((value) => (value > Number.MAX_SAFE_INTEGER ? String(value) : Number(value)));
const action = fc.constantFrom<SeccompAction>('allow', 'errno', 'kill-thread', 'kill-process', 'trap', 'trace', 'log');
const argument: fc.Arbitrary<SeccompArgument> = fc.record({
  index: fc.integer({ min: 0, max: 5 }),
  op: fc.constantFrom('ne', 'lt', 'le', 'eq', 'ge', 'gt', 'masked-eq'),
  value: written,
  valueTwo: written,
});
const rule: fc.Arbitrary<SeccompRule> = fc.record(
  {
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
    action,
    errno: fc.integer({ min: 0, max: 4095 }),
    args: fc.array(argument, { maxLength: 3 }),
  },
  { requiredKeys: ['names', 'action'] },
);
const profile: fc.Arbitrary<SeccompProfile> = fc.record(
  { defaultAction: action, defaultErrno: fc.integer({ min: 0, max: 4095 }), rules: fc.array(rule, { maxLength: 8 }) },
  { requiredKeys: ['defaultAction', 'rules'] },
);

const ask = (program: Uint8Array, auditArch: number, number: number | undefined, ...args: bigint[]) =>
  runFilter(program, { auditArch, number: number ?? -1, args });

describe('compileSeccompProfile', () => {
  test('decides every call of any profile as its rules say, on all 64 bits of each argument', () => {
    fc.assert(
      fc.property(
        profile,
        fc.array(fc.array(edge, { minLength: 6, maxLength: 6 }), { minLength: 4, maxLength: 8 }),
        (any, calls) => {
          const program = compileSeccompProfile(any, 'x86_64');
          for (const name of [...NAMES, 'write', 'mseal']) {
            for (const args of calls)
              expect([name, args, ask(program, X86_64, SYSCALLS_X86_64.get(name), ...args)]).toEqual([
                name,
                args,
                decide(any, name, args),
              ]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives each action its return value', () => {
    const actions = Object.keys(VALUES) as SeccompAction[];
    const rules = actions.map((each, index) => ({ names: [NAMES[index] ?? ''], action: each, errno: 7 }));
    const program = compileSeccompProfile({ defaultAction: 'errno', defaultErrno: 99, rules }, 'x86_64');
    const given = actions.map((_, index) => ask(program, X86_64, SYSCALLS_X86_64.get(NAMES[index] ?? '')));
    expect(given).toEqual(actions.map((each) => valueOfRule(each, 7)));
  });

  test('a rule without conditions wins, wherever it stands', () => {
    const always: SeccompRule = { names: ['socket'], action: 'allow' };
    const sometimes: SeccompRule = { names: ['socket'], action: 'trap', args: [{ index: 0, op: 'eq', value: 16 }] };
    for (const rules of [
      [always, sometimes],
      [sometimes, always],
    ])
      expect(ask(compileSeccompProfile({ defaultAction: 'errno', rules }, 'x86_64'), X86_64, 41, 16n)).toBe(ALLOW);
  });

  test('looks at the low half alone where arguments have 32 bits', () => {
    const rules: SeccompRule[] = [
      { names: ['read'], action: 'trap', args: [{ index: 0, op: 'eq', value: '18446744073709551615' }] },
    ];
    const program = compileSeccompProfile({ defaultAction: 'allow', rules }, 'x86_64');
    expect(ask(program, I386, SYSCALLS_I386.get('read'), 0xffffffffn)).toBe(VALUES.trap);
    expect(ask(program, X86_64, SYSCALLS_X86_64.get('read'), 0xffffffffn)).toBe(ALLOW);
  });

  test('a call that i386 has inside another one is refused there, too', () => {
    const rules: SeccompRule[] = [
      { names: ['connect'], action: 'errno' },
      { names: ['socket'], action: 'errno', args: [{ index: 0, op: 'eq', value: 38 }] },
      { names: ['semop'], action: 'errno' },
    ];
    const program = compileSeccompProfile({ defaultAction: 'allow', rules }, 'x86_64');
    const socketcall = (which: bigint) => ask(program, I386, SYSCALLS_I386.get('socketcall'), which);
    expect([socketcall(1n), socketcall(2n), socketcall(3n)]).toEqual([EPERM, ALLOW, EPERM]);
    const ipc = (which: bigint) => ask(program, I386, SYSCALLS_I386.get('ipc'), which);
    expect([ipc(1n), ipc(0x10001n), ipc(2n)]).toEqual([EPERM, EPERM, ALLOW]);
  });

  test('a permission with conditions is none where no filter sees the arguments', () => {
    const allow = (args?: SeccompArgument[]): SeccompProfile => ({
      defaultAction: 'errno',
      rules: [{ names: ['socket'], action: 'allow', ...(args === undefined ? {} : { args }) }],
    });
    const socketcall = (any: SeccompProfile) => ask(compileSeccompProfile(any, 'x86_64'), I386, 102, 1n);
    expect([socketcall(allow()), socketcall(allow([{ index: 0, op: 'eq', value: 2 }]))]).toEqual([ALLOW, EPERM]);
  });

  test('kills what comes from an architecture that the profile does not list; its own is always listed', () => {
    const rules: SeccompRule[] = [{ names: ['read'], action: 'errno' }];
    const of = (...architectures: string[]) =>
      compileSeccompProfile({ defaultAction: 'allow', architectures, rules }, 'x86_64');
    expect(ask(of('SCMP_ARCH_X86_64'), I386, 0)).toBe(KILL_PROCESS);
    expect(ask(of('SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'), I386, 0)).toBe(ALLOW);
    expect(ask(of('SCMP_ARCH_ARM'), X86_64, 0)).toBe(EPERM);
    expect(ask(of('SCMP_ARCH_ARM'), AARCH64, 0)).toBe(KILL_PROCESS);
  });

  test('no profile opens x32, which has numbers of its own', () => {
    const all = compileSeccompProfile(
      { defaultAction: 'allow', architectures: ['SCMP_ARCH_X32'], rules: [] },
      'x86_64',
    );
    for (const number of [0x40000000, 0x40000000 + 165, 0xffffffff]) expect(ask(all, X86_64, number)).toBe(ENOSYS);
    expect(ask(all, X86_64, 165)).toBe(ALLOW);
  });

  test('answers calls newer than the profile as a kernel without them', () => {
    const rules: SeccompRule[] = [{ names: ['read', 'statx'], action: 'allow' }];
    const program = compileSeccompProfile({ defaultAction: 'errno', rules }, 'x86_64');
    expect([ask(program, X86_64, 1), ask(program, X86_64, 435), ask(program, X86_64, 9999)]).toEqual([
      EPERM,
      ENOSYS,
      ENOSYS,
    ]);
    const killing = compileSeccompProfile({ defaultAction: 'kill-process', rules }, 'x86_64');
    expect(ask(killing, X86_64, 435)).toBe(KILL_PROCESS);
  });

  test('takes names of other architectures, and refuses those that no kernel has', () => {
    const of = (...names: string[]): SeccompProfile => ({
      defaultAction: 'allow',
      rules: [{ names, action: 'errno' }],
    });
    const program = compileSeccompProfile(of('s390_pci_mmio_read', 'socketcall', 'openat'), 'aarch64');
    expect(ask(program, AARCH64, SYSCALLS_AARCH64.get('openat'))).toBe(EPERM);
    expect(() => compileSeccompProfile(of('read', 'raed'), 'x86_64')).toThrow(
      "cannot compile the seccomp profile: there is no system call 'raed'",
    );
  });

  test('refuses a profile whose program the kernel would not take', () => {
    const rules = Array.from(
      { length: 3000 },
      (_, index): SeccompRule => ({
        names: ['ioctl'],
        action: 'errno',
        args: [{ index: 1, op: 'eq', value: index }],
      }),
    );
    expect(() => compileSeccompProfile({ defaultAction: 'allow', rules }, 'x86_64')).toThrow(
      'cannot compile the seccomp profile: it has more than 4096 instructions',
    );
  });
});

test('the plan has the profile that the configuration brings instead of ctr’s own', () => {
  const seccomp: SeccompProfile = { defaultAction: 'allow', rules: [{ names: ['read'], action: 'errno' }] };
  const security = { seccomp, masks: true, nesting: false };
  const options = { capabilities: new Set<string>(), allowSocketcall: false };
  const [op] = planSeccomp(security, { seccomp: true, arch: 'x86_64' }, options);
  expect(op?.program).toEqual(compileSeccompProfile(seccomp, 'x86_64'));
  expect(() => planSeccomp(security, { seccomp: false, arch: 'x86_64' }, options)).toThrow(
    /this kernel has no seccomp/,
  );
});
