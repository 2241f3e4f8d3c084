import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeccompProfile, SeccompRule } from '../../../src/config/spec.js';
import { ABIS, compileSeccomp } from '../../../src/security/seccomp-compile.js';
import { compileSeccompProfile } from '../../../src/security/seccomp-custom.js';
import { BY_CAPABILITY, makeAppProfile, makeOsProfile, type Rule } from '../../../src/security/seccomp-profile.js';
import { SYSCALLS_I386, SYSCALLS_X86_64, type SyscallTable } from '../../../src/security/seccomp-syscalls.js';
import { type Exporter, lacksLibseccomp, makeExporter, type PlainCondition, type PlainRule } from './libseccomp.js';
import { runFilter } from './run-filter.js';

const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const ENOSYS = ERRNO + 38;
const LOW = 0xffff_ffffn;

const TARGETS = [
  { architecture: 'x86_64', auditArch: 0xc000003e, syscalls: SYSCALLS_X86_64 },
  { architecture: 'x86', auditArch: 0x40000003, syscalls: SYSCALLS_I386 },
] as const;

const LAST_NUMBER = 600;

/** Words that profiles compare with, their neighbours, and the same with bits above the 32nd. */
const WORDS = [0, 1, 2, 3, 8, 9, 10, 16, 17, 37, 38, 39, 40, 41, 0x5411, 0x5412, 0x5413, 0x541b, 0x541c, 0x541d]
  .concat([0x20000, 0x20008, 0x20009, 0x1000_0000, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff])
  .map(BigInt);
const HIGH = [0n, 1n << 32n, LOW << 32n];
const ARGUMENTS = HIGH.flatMap((high) => WORDS.map((word) => high | word));

/** Numbers whose bits are compared as a trie: what `values` leaves of all words of these bits, as masked comparisons. */
function listOthers(values: readonly bigint[], bits: bigint, mask = 0n, prefix = 0n): [mask: bigint, value: bigint][] {
  const within = values.filter((value) => (value & mask) === prefix);
  if (within.length === 0) return [[mask, prefix]];
  const left = bits & ~mask;
  if (left === 0n) return [];
  const one = 1n << BigInt(left.toString(2).length - 1);
  return [prefix, prefix | one].flatMap((next) => listOthers(within, bits, mask | one, next));
}

/** A rule of ctr's profile in libseccomp's words: it has no order, so no two of them hold for the same call. */
function flatten(name: string, rule: Rule, conditions: readonly PlainCondition[] = []): PlainRule[] {
  if (rule === 'allow') return [{ name, value: ALLOW, conditions }];
  if ('errno' in rule) return [{ name, value: ERRNO + rule.errno, conditions }];
  const { argument: index, oneOf, matched, otherwise } = rule;
  const bits = rule.mask === undefined ? LOW : BigInt(rule.mask);
  const values = oneOf.map(BigInt);
  const known = conditions.find((condition) => condition.index === index);
  const masked = (value: bigint, valueTwo: bigint): PlainCondition => ({ index, op: 'masked-eq', value, valueTwo });
  const narrowed = (mask: bigint, value: bigint) => {
    // Of two prefixes of one trie one holds the other, or they have nothing in common.
    if (known === undefined) return [...conditions, masked(mask, value)];
    const [outer, inner] = known.value <= mask ? [known, masked(mask, value)] : [masked(mask, value), known];
    if (((inner.valueTwo ?? 0n) & outer.value) !== outer.valueTwo) return undefined;
    return [...conditions.filter((condition) => condition !== known), inner];
  };
  return [
    ...values.map((value) => [bits, value, matched] as const),
    ...listOthers(values, bits).map(([mask, value]) => [mask, value, otherwise] as const),
  ].flatMap(([mask, value, next]) => {
    const all = narrowed(mask, value);
    return all === undefined ? [] : flatten(name, next, all);
  });
}

/**
 * i386: they have other calls inside, which libseccomp adds by itself, and that is why it takes no checks of socket(2)'s arguments there.
 * What ctr decides about them `seccomp.test.ts` compares with the profile.
 */
const MULTIPLEXED = new Set(['socketcall', 'ipc', 'socket']);

function numbersOf(syscalls: SyscallTable, names: Iterable<string>): Set<number | undefined> {
  return new Set([...names].filter((name) => syscalls.has(name)).map((name) => syscalls.get(name)));
}

/** All that is tried in these arguments together. */
function tryArguments(used: ReadonlySet<number>): bigint[][] {
  return [...used].reduce<bigint[][]>(
    (tries, index) => tries.flatMap((args) => ARGUMENTS.map((value) => Object.assign([...args], { [index]: value }))),
    [[0n, 0n, 0n, 0n, 0n, 0n]],
  );
}

const ACTIONS = {
  allow: ALLOW,
  'kill-process': 0x80000000,
  trap: 0x00030000,
  log: 0x7ffc0000,
  errno: ERRNO + 7,
} as const;

const word64 = fc.oneof(fc.constantFrom(...ARGUMENTS), fc.bigInt(0n, (1n << 64n) - 1n));
const condition = fc.record({
  index: fc.nat(1),
  op: fc.constantFrom('ne', 'lt', 'le', 'eq', 'ge', 'gt', 'masked-eq'),
  value: word64,
  valueTwo: word64,
});

/** One action per call: of two that hold at once libseccomp says no order. No calls of i386 that are inside another. */
const profiles = fc.record({
  defaultAction: fc.constantFrom('allow', 'kill-process', 'trap', 'log'),
  calls: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('read', 'ioctl', 'clone', 'personality', 'openat', 'prctl', 'write', 'kill', 'mount'),
      action: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
      // Of alternatives with several comparisons libseccomp 2.5 merges some wrongly, so these have one each, of the same argument.
      alternatives: fc.oneof<fc.Arbitrary<PlainCondition[][]>[]>(
        // It takes one condition on each argument.
        fc.uniqueArray(condition, { maxLength: 2, selector: ({ index }) => index }).map((all) => [all]),
        fc.array(fc.tuple(condition.map((one) => ({ ...one, index: 1, op: 'eq' as const }))), {
          minLength: 2,
          maxLength: 4,
        }),
      ),
    }),
    { selector: ({ name }) => name, maxLength: 9 },
  ),
} as const);

const lack = lacksLibseccomp();
if (lack !== undefined) console.info(`skipped: ${lack}`);

describe.skipIf(lack !== undefined)('beside libseccomp', () => {
  let libseccomp: Exporter;
  beforeAll(() => {
    libseccomp = makeExporter();
  });
  afterAll(() => libseccomp.remove());

  test.each(TARGETS)(
    'ctr’s profile gives the same verdict about every call from 0 to 600 of $architecture',
    ({ architecture, auditArch, syscalls }) => {
      const capabilities = [new Set<string>(), new Set(Object.keys(BY_CAPABILITY))];
      const profiles = capabilities.flatMap((some) =>
        [makeOsProfile, makeAppProfile].map((make) => make({ capabilities: some, allowSocketcall: false })),
      );
      for (const profile of profiles) {
        const rules = [...profile].flatMap(([name, rule]) => (syscalls.has(name) ? flatten(name, rule) : []));
        const ours = compileSeccomp(profile, ABIS.x86_64 ?? []);
        const left = architecture === 'x86' ? MULTIPLEXED : new Set<string>();
        const theirs = libseccomp.exportFilter({
          architecture,
          defaultValue: ENOSYS,
          rules: rules.filter(({ name }) => !left.has(name)),
          syscalls,
        });
        const skipped = numbersOf(syscalls, [...theirs.unknown, ...left]);
        if (architecture === 'x86_64') expect(skipped).toEqual(new Set());
        expect(skipped.size).toBeLessThan(24);
        const checked = new Map(rules.map(({ name, conditions }) => [syscalls.get(name), conditions]));
        for (let number = 0; number <= LAST_NUMBER; number += 1) {
          if (skipped.has(number)) continue;
          const used = new Set(checked.get(number)?.map(({ index }) => index));
          for (const args of tryArguments(used)) {
            const request = { auditArch, number, args };
            expect([number, args, runFilter(ours, request)]).toEqual([
              number,
              args,
              runFilter(theirs.program, request),
            ]);
          }
        }
      }
    },
  );

  test.each(TARGETS)(
    'a profile of the configuration’s own means the same on $architecture',
    { timeout: 60_000 },
    (target) => {
      const { architecture, auditArch, syscalls } = target;
      fc.assert(
        fc.property(
          profiles,
          fc.array(fc.tuple(word64, word64), { maxLength: 40 }),
          ({ defaultAction, calls }, more) => {
            const rules = calls.flatMap(({ name, action, alternatives }) =>
              alternatives.map(
                (args): SeccompRule => ({
                  names: [name],
                  action,
                  ...(action === 'errno' ? { errno: 7 } : {}),
                  args: args.map((arg) => ({ ...arg, value: String(arg.value), valueTwo: String(arg.valueTwo ?? 0n) })),
                }),
              ),
            );
            const profile: SeccompProfile = { defaultAction, rules };
            const ours = compileSeccompProfile(profile, 'x86_64');
            const { program: theirs } = libseccomp.exportFilter({
              architecture,
              defaultValue: ACTIONS[defaultAction],
              rules: calls.flatMap(({ name, action, alternatives }) =>
                alternatives.map((conditions) => ({ name, value: ACTIONS[action], conditions })),
              ),
              syscalls,
            });
            const values = calls.flatMap(({ alternatives }) =>
              alternatives.flat().flatMap(({ value, valueTwo = 0n }) => [value, value + 1n, value - 1n, valueTwo]),
            );
            const near = values.map((value) => BigInt.asUintN(64, value));
            const pairs = [...near.flatMap((a) => near.map((b) => [a, b] as const)).slice(0, 400), ...more];
            for (const { name } of calls) {
              for (const args of pairs) {
                const request = { auditArch, number: syscalls.get(name) ?? 0, args };
                expect([name, args, runFilter(ours, request)]).toEqual([name, args, runFilter(theirs, request)]);
              }
            }
            for (let number = 0; number <= LAST_NUMBER; number += 1) {
              const request = { auditArch, number, args: [0n, 0n] };
              expect([number, runFilter(ours, request)]).toEqual([number, runFilter(theirs, request)]);
            }
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  test('neither lets a call of x32 through', () => {
    const rules = [...SYSCALLS_X86_64.keys()].map((name) => ({ name, value: ERRNO + 1, conditions: [] }));
    const theirs = libseccomp.exportFilter({ ...TARGETS[0], defaultValue: ALLOW, rules });
    const ours = compileSeccompProfile({ defaultAction: 'allow', rules: [] }, 'x86_64');
    for (let number = 0x4000_0000; number <= 0x4000_0000 + LAST_NUMBER; number += 1) {
      const verdicts = [ours, theirs.program].map((program) => runFilter(program, { ...TARGETS[0], number }));
      expect({ number, verdicts }).toEqual({
        number,
        verdicts: [ENOSYS, expect.toSatisfy((value) => value !== ALLOW)],
      });
    }
  });
});
