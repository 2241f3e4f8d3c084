import type { DeviceRule } from './device-rules.js';

/** One `struct bpf_insn`: u8 code, u8 source and destination register, s16 jump offset, s32 constant. */
interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly constant?: number;
}

/** Codes of eBPF, `<linux/bpf.h>` and the kernel's instruction-set document. */
const LOAD_W = 0x61;
const MOVE = 0xbf;
const MOVE_CONSTANT = 0xb7;
const AND_CONSTANT_32 = 0x54;
const SHIFT_RIGHT_32 = 0x74;
const JUMP_UNLESS_EQUAL = 0x55;
const EXIT = 0x95;

/** `struct bpf_cgroup_dev_ctx` { u32 access_type; u32 major; u32 minor }: access_type is access << 16 | type. */
const OFFSET = { accessType: 0, major: 4, minor: 8 } as const;
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ALL_ACCESS = 7;

/** Registers: r0 is the verdict, r1 the context. */
const [VERDICT, CONTEXT, TYPE_REGISTER, ACCESS_REGISTER, MAJOR, MINOR, SCRATCH] = [0, 1, 2, 3, 4, 5, 6] as const;

/**
 * A BPF_PROG_TYPE_CGROUP_DEVICE program that allows what a rule allows in full and refuses the rest: cgroup v2's device
 * controller. Returns an array of `struct bpf_insn`, little endian.
 */
export function compileDeviceRules(rules: readonly DeviceRule[]): Uint8Array {
  return encode([
    { code: LOAD_W, to: TYPE_REGISTER, from: CONTEXT, offset: OFFSET.accessType },
    { code: MOVE, to: ACCESS_REGISTER, from: TYPE_REGISTER },
    { code: AND_CONSTANT_32, to: TYPE_REGISTER, constant: 0xffff },
    { code: SHIFT_RIGHT_32, to: ACCESS_REGISTER, constant: 16 },
    { code: LOAD_W, to: MAJOR, from: CONTEXT, offset: OFFSET.major },
    { code: LOAD_W, to: MINOR, from: CONTEXT, offset: OFFSET.minor },
    ...rules.flatMap(compileRule),
    ...verdict(0),
  ]);
}

/** Goes on behind itself unless the rule allows. */
function compileRule({ type, major, minor, access }: DeviceRule): Instruction[] {
  const refused = [...access].reduce((bits, letter) => bits & ~(ACCESS[letter] ?? 0), ALL_ACCESS);
  const tests: Omit<Instruction, 'offset'>[] = [{ code: JUMP_UNLESS_EQUAL, to: TYPE_REGISTER, constant: TYPE[type] }];
  if (refused !== 0) {
    tests.push({ code: MOVE, to: SCRATCH, from: ACCESS_REGISTER });
    tests.push({ code: AND_CONSTANT_32, to: SCRATCH, constant: refused });
    tests.push({ code: JUMP_UNLESS_EQUAL, to: SCRATCH, constant: 0 });
  }
  if (major !== '*') tests.push({ code: JUMP_UNLESS_EQUAL, to: MAJOR, constant: major });
  if (minor !== '*') tests.push({ code: JUMP_UNLESS_EQUAL, to: MINOR, constant: minor });
  const allow = verdict(1);
  const length = tests.length + allow.length;
  // An offset counts from the instruction behind the jump.
  const aimed = tests.map((test, at) =>
    test.code === JUMP_UNLESS_EQUAL ? { ...test, offset: length - at - 1 } : test,
  );
  return [...aimed, ...allow];
}

function verdict(value: 0 | 1): Instruction[] {
  return [{ code: MOVE_CONSTANT, to: VERDICT, constant: value }, { code: EXIT }];
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, to = 0, from = 0, offset = 0, constant = 0 }, index) => {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, (from << 4) | to);
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, constant, true);
  });
  return bytes;
}
