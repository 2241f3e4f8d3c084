import { type BpfInstruction, encodeBpf } from '../exec/encode-bpf.js';
import type { DeviceRule } from './device-rules.js';

/** Codes of eBPF, `<linux/bpf.h>` and the kernel's instruction-set document. */
const LOAD_W = 0x61;
const MOVE = 0xbf;
const MOVE_CONSTANT = 0xb7;
const AND_CONSTANT_32 = 0x54;
const SHIFT_RIGHT_32 = 0x74;
const JUMP_IF_EQUAL = 0x15;
const JUMP_UNLESS_EQUAL = 0x55;
const EXIT = 0x95;

/** `struct bpf_cgroup_dev_ctx` { u32 access_type; u32 major; u32 minor }: access_type is access << 16 | type. */
const OFFSET = { accessType: 0, major: 4, minor: 8 } as const;
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ALL_ACCESS = 7;

/** Source registers of a comparison that make its constant the place of a `device` (plan.ts, `cgroup-devices`). */
const NUMBER_OF_DEVICE = { major: 1, minor: 2 } as const;

/** Registers: r0 is the verdict, r1 the context. */
const [VERDICT, CONTEXT, TYPE_REGISTER, ACCESS_REGISTER, MAJOR, MINOR, SCRATCH] = [0, 1, 2, 3, 4, 5, 6] as const;

/**
 * A BPF_PROG_TYPE_CGROUP_DEVICE program: cgroup v2's device controller. Each kind of access is decided by the last rule that is
 * for it; what no rule is for is refused. Returns an array of `struct bpf_insn`, little endian.
 */
export function compileDeviceRules(rules: readonly DeviceRule[]): Uint8Array {
  // A rule for all devices ends the search; the kernel takes no instruction that is never reached.
  const last = rules.findLastIndex(({ type }) => type === 'a');
  return encodeBpf([
    { code: LOAD_W, to: TYPE_REGISTER, from: CONTEXT, offset: OFFSET.accessType },
    { code: MOVE, to: ACCESS_REGISTER, from: TYPE_REGISTER },
    { code: AND_CONSTANT_32, to: TYPE_REGISTER, constant: 0xffff },
    { code: SHIFT_RIGHT_32, to: ACCESS_REGISTER, constant: 16 },
    { code: LOAD_W, to: MAJOR, from: CONTEXT, offset: OFFSET.major },
    { code: LOAD_W, to: MINOR, from: CONTEXT, offset: OFFSET.minor },
    // The access register holds what is not decided yet.
    ...rules
      .slice(last + 1)
      .toReversed()
      .flatMap(compileRule),
    ...verdict(rules[last]?.allow ? 1 : 0),
  ]);
}

/** Goes on behind itself unless the rule decides. */
function compileRule(rule: DeviceRule): BpfInstruction[] {
  const bits = [...rule.access].reduce((sum, letter) => sum | (ACCESS[letter] ?? 0), 0);
  const tests = [...compileMatch(rule), ...(rule.allow ? compileAllowed(bits) : compileDenied(bits))];
  const decision = verdict(rule.allow ? 1 : 0);
  const length = tests.length + decision.length;
  // An offset counts from the instruction behind the jump.
  const aimed = tests.map((test, at) => (isJump(test) ? { ...test, offset: length - at - 1 } : test));
  return [...aimed, ...decision];
}

type Test = Omit<BpfInstruction, 'offset'>;

function isJump({ code }: Test): boolean {
  return code === JUMP_IF_EQUAL || code === JUMP_UNLESS_EQUAL;
}

/** On, when the device is one the rule is for. */
function compileMatch({ type, major, minor, device }: DeviceRule): Test[] {
  const unless = (to: number, constant: number, from = 0): Test => ({ code: JUMP_UNLESS_EQUAL, to, from, constant });
  return [
    unless(TYPE_REGISTER, type === 'b' ? TYPE.b : TYPE.c),
    ...(device === undefined
      ? []
      : [unless(MAJOR, device, NUMBER_OF_DEVICE.major), unless(MINOR, device, NUMBER_OF_DEVICE.minor)]),
    ...(major === '*' ? [] : [unless(MAJOR, major)]),
    ...(minor === '*' ? [] : [unless(MINOR, minor)]),
  ];
}

/** What is allowed is decided; on, when that is all. */
function compileAllowed(bits: number): Test[] {
  if (bits === ALL_ACCESS) return [];
  return [
    { code: AND_CONSTANT_32, to: ACCESS_REGISTER, constant: ALL_ACCESS & ~bits },
    { code: JUMP_UNLESS_EQUAL, to: ACCESS_REGISTER, constant: 0 },
  ];
}

/** On, when something undecided is refused. */
function compileDenied(bits: number): Test[] {
  if (bits === ALL_ACCESS) return [];
  return [
    { code: MOVE, to: SCRATCH, from: ACCESS_REGISTER },
    { code: AND_CONSTANT_32, to: SCRATCH, constant: bits },
    { code: JUMP_IF_EQUAL, to: SCRATCH, constant: 0 },
  ];
}

function verdict(value: 0 | 1): BpfInstruction[] {
  return [{ code: MOVE_CONSTANT, to: VERDICT, constant: value }, { code: EXIT }];
}
