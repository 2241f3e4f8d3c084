import { BpfProgram, type Label } from './bpf-program.js';
import { ERRNO, type Rule, type SeccompProfile } from './seccomp-profile.js';
import { SYSCALLS_AARCH64, SYSCALLS_I386, SYSCALLS_X86_64, type SyscallTable } from './seccomp-syscalls.js';

/** `<linux/seccomp.h>` */
export const RET_ALLOW = 0x7fff0000;
export const RET_ERRNO = 0x00050000;
export const RET_KILL_PROCESS = 0x80000000;
/** Offsets in `struct seccomp_data`. */
const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
export const OFFSET_ARGUMENTS = 16;

export interface Abi {
  /** As profiles name it. */
  readonly architecture: string;
  /** Arguments have 32 bits. */
  readonly is32Bit?: boolean;
  /** AUDIT_ARCH_*, `<linux/audit.h>`. */
  readonly auditArch: number;
  readonly syscalls: SyscallTable;
}

/** ABIs by uname(2)'s machine, the native one first. */
export const ABIS: Readonly<Record<string, readonly Abi[]>> = {
  x86_64: [
    { architecture: 'SCMP_ARCH_X86_64', auditArch: 0xc000003e, syscalls: SYSCALLS_X86_64 },
    { architecture: 'SCMP_ARCH_X86', auditArch: 0x40000003, syscalls: SYSCALLS_I386, is32Bit: true },
  ],
  aarch64: [{ architecture: 'SCMP_ARCH_AARCH64', auditArch: 0xc00000b7, syscalls: SYSCALLS_AARCH64 }],
};

/** What becomes of a call. Two of one key are one piece of program. */
export interface Decision {
  readonly key: string;
  readonly write: (program: BpfProgram) => Label;
}

/** An ABI with the decision about each number; a number without one has that of `otherwise`. */
export interface AbiDecisions {
  readonly auditArch: number;
  readonly byNumber: ReadonlyMap<number, Decision>;
  readonly otherwise: Decision;
  /** Instead of `otherwise`, from `start` on. */
  readonly beyond?: { readonly start: number; readonly decision: Decision };
}

/** From `start` on, up to the next range, every number has this decision. */
interface Range {
  readonly start: number;
  readonly decision: Decision;
}

/**
 * Compiles decisions to classic BPF: the architecture first, then a balanced tree over ranges of call numbers of one decision,
 * arguments last. A call without an argument check ends in the kernel's allow-bitmap and costs nothing. An architecture that is not
 * in `abis` kills the process.
 *
 * @throws RangeError when the kernel would not take a program of that length
 */
export function compileDecisions(abis: readonly AbiDecisions[]): Uint8Array {
  const program = new BpfProgram();
  let otherwise = program.ret(RET_KILL_PROCESS);
  for (const abi of abis.toReversed()) {
    const entry = program.load(OFFSET_NR, compileTree(program, listRanges(abi)));
    otherwise = program.ifEqual(abi.auditArch, entry, otherwise);
  }
  return program.finish(program.load(OFFSET_ARCH, otherwise));
}

function listRanges({ byNumber, otherwise, beyond }: AbiDecisions): Range[] {
  const ranges: Range[] = [];
  const push = (start: number, decision: Decision) => {
    if (ranges.at(-1)?.decision.key !== decision.key) ranges.push({ start, decision });
  };
  /** Numbers that no rule names. */
  const fill = (start: number, end: number) => {
    const border = beyond === undefined ? end : Math.min(Math.max(beyond.start, start), end);
    if (start < border) push(start, otherwise);
    if (beyond !== undefined && border < end) push(border, beyond.decision);
  };
  let next = 0;
  for (const number of Uint32Array.from(byNumber.keys()).sort()) {
    const decision = byNumber.get(number);
    if (decision === undefined) continue;
    fill(next, number);
    push(number, decision);
    next = number + 1;
  }
  fill(next, Number.POSITIVE_INFINITY);
  return ranges;
}

function compileTree(program: BpfProgram, ranges: readonly Range[]): Label {
  const middle = ranges.length >> 1;
  const upper = ranges[middle];
  if (upper === undefined) throw new RangeError('no range of call numbers');
  if (middle === 0) return upper.decision.write(program);
  const then = compileTree(program, ranges.slice(middle));
  const otherwise = compileTree(program, ranges.slice(0, middle));
  return program.ifAtLeast(upper.start, then, otherwise);
}

/**
 * Compiles a profile of names. Numbers without a rule give ENOSYS, and so do those of x32 (bit 30 is set in them, the architecture is
 * x86_64's).
 */
export function compileSeccomp(profile: SeccompProfile, abis: readonly Abi[]): Uint8Array {
  const otherwise = decisionOf({ errno: ERRNO.ENOSYS });
  return compileDecisions(
    abis.map(({ auditArch, syscalls }) => ({
      auditArch,
      byNumber: new Map(
        [...syscalls].map(([name, number]) => {
          const rule = profile.get(name);
          return [number, rule === undefined ? otherwise : decisionOf(rule)];
        }),
      ),
      otherwise,
    })),
  );
}

function decisionOf(rule: Rule): Decision {
  return { key: JSON.stringify(rule), write: (program) => compileRule(program, rule) };
}

function compileRule(program: BpfProgram, rule: Rule): Label {
  if (rule === 'allow') return program.ret(RET_ALLOW);
  if ('errno' in rule) return program.ret(RET_ERRNO | rule.errno);
  const then = compileRule(program, rule.matched);
  let next = compileRule(program, rule.otherwise);
  for (const value of rule.oneOf.toReversed()) next = program.ifEqual(value, then, next);
  const test = rule.mask === undefined ? next : program.and(rule.mask, next);
  return program.load(OFFSET_ARGUMENTS + 8 * rule.argument, test);
}
