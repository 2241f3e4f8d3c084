import { BpfProgram, type Label } from './bpf-program.js';
import { ERRNO, type Rule, type SeccompProfile } from './seccomp-profile.js';
import { SYSCALLS_AARCH64, SYSCALLS_I386, SYSCALLS_X86_64, type SyscallTable } from './seccomp-syscalls.js';

/** `<linux/seccomp.h>` */
const RET_ALLOW = 0x7fff0000;
const RET_ERRNO = 0x00050000;
const RET_KILL_PROCESS = 0x80000000;
/** Offsets in `struct seccomp_data`. */
const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARGUMENTS = 16;

export interface Abi {
  /** AUDIT_ARCH_*, `<linux/audit.h>`. */
  readonly auditArch: number;
  readonly syscalls: SyscallTable;
}

/** ABIs by uname(2)'s machine, the native one first. */
export const ABIS: Readonly<Record<string, readonly Abi[]>> = {
  x86_64: [
    { auditArch: 0xc000003e, syscalls: SYSCALLS_X86_64 },
    { auditArch: 0x40000003, syscalls: SYSCALLS_I386 },
  ],
  aarch64: [{ auditArch: 0xc00000b7, syscalls: SYSCALLS_AARCH64 }],
};

const UNKNOWN_CALL: Rule = { errno: ERRNO.ENOSYS };

/** From `start` on, up to the next range, every number has this rule. */
interface Range {
  readonly start: number;
  readonly rule: Rule;
}

/**
 * Compiles a profile to classic BPF: the architecture first, then a balanced tree over ranges of call numbers of one rule,
 * arguments last. A call without an argument check ends in the kernel's allow-bitmap and costs nothing.
 *
 * Numbers without a rule give ENOSYS, and so do those of x32 (bit 30 is set in them, the architecture is x86_64's); an architecture that is not in `abis` kills the process.
 */
export function compileSeccomp(profile: SeccompProfile, abis: readonly Abi[]): Uint8Array {
  const program = new BpfProgram();
  let otherwise = program.ret(RET_KILL_PROCESS);
  for (const abi of abis.toReversed()) {
    const entry = program.load(OFFSET_NR, compileTree(program, listRanges(profile, abi)));
    otherwise = program.ifEqual(abi.auditArch, entry, otherwise);
  }
  return program.finish(program.load(OFFSET_ARCH, otherwise));
}

function listRanges(profile: SeccompProfile, abi: Abi): Range[] {
  const rules = new Map<number, Rule>();
  for (const [name, number] of abi.syscalls) rules.set(number, profile.get(name) ?? UNKNOWN_CALL);
  const starts = new Set([0, ...[...rules.keys()].flatMap((number) => [number, number + 1])]);
  const ranges: Range[] = [];
  for (const start of [...starts].sort((a, b) => a - b)) {
    const rule = rules.get(start) ?? UNKNOWN_CALL;
    const last = ranges.at(-1);
    if (last === undefined || !isSameRule(last.rule, rule)) ranges.push({ start, rule });
  }
  return ranges;
}

function isSameRule(a: Rule, b: Rule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function compileTree(program: BpfProgram, ranges: readonly Range[]): Label {
  const middle = ranges.length >> 1;
  const upper = ranges[middle];
  if (upper === undefined) throw new RangeError('no range of call numbers');
  if (middle === 0) return compileRule(program, upper.rule);
  const then = compileTree(program, ranges.slice(middle));
  const otherwise = compileTree(program, ranges.slice(0, middle));
  return program.ifAtLeast(upper.start, then, otherwise);
}

function compileRule(program: BpfProgram, rule: Rule): Label {
  if (rule === 'allow') return program.ret(RET_ALLOW);
  if ('errno' in rule) return program.ret(RET_ERRNO | rule.errno);
  const then = compileRule(program, rule.matched);
  let next = compileRule(program, rule.otherwise);
  for (const value of rule.oneOf.toReversed()) next = program.ifEqual(value, then, next);
  return program.load(OFFSET_ARGUMENTS + 8 * rule.argument, next);
}
