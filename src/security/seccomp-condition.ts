import type { SeccompArgument } from '../config/spec.js';
import type { BpfProgram, Label } from './bpf-program.js';
import { OFFSET_ARGUMENTS } from './seccomp-compile.js';

/** A comparison of one argument of a call with a constant, unsigned. The filter loads 32 bits at a time. */
export interface Condition {
  readonly argument: number;
  readonly op: SeccompArgument['op'];
  readonly value: bigint;
  /** Of `masked-eq`: the bits that are looked at. */
  readonly mask: bigint;
  /** Only the low half is there: an ABI of 32 bits. */
  readonly isShort: boolean;
}

const ALL = 0xffff_ffff_ffff_ffffn;
const LOW = 0xffff_ffffn;

/** Bits of the value outside the mask do not count, as for libseccomp. */
export function conditionOf({ index, op, value, valueTwo = 0 }: SeccompArgument, isShort: boolean): Condition {
  const width = isShort ? LOW : ALL;
  const mask = (op === 'masked-eq' ? BigInt(value) : ALL) & width;
  return { argument: index, op, value: BigInt(op === 'masked-eq' ? valueTwo : value) & mask, mask, isShort };
}

/** Goes on at `then` where it holds. */
export function compileCondition(program: BpfProgram, condition: Condition, then: Label, otherwise: Label): Label {
  switch (condition.op) {
    case 'eq':
    case 'masked-eq':
      return compileEqual(program, condition, then, otherwise);
    case 'ne':
      return compileEqual(program, condition, otherwise, then);
    case 'gt':
    case 'ge':
      return compileGreater(program, condition, then, otherwise);
    case 'le':
      return compileGreater(program, { ...condition, op: 'gt' }, otherwise, then);
    case 'lt':
      return compileGreater(program, { ...condition, op: 'ge' }, otherwise, then);
  }
}

/** The low half first: it is where most values differ. */
function compileEqual(program: BpfProgram, condition: Condition, then: Label, otherwise: Label): Label {
  const { argument, value, mask, isShort } = condition;
  const high = isShort
    ? then
    : compareHalf(program, highOffset(argument), high32(value), high32(mask), then, otherwise);
  return compareHalf(program, lowOffset(argument), low32(value), low32(mask), high, otherwise);
}

function compareHalf(
  program: BpfProgram,
  offset: number,
  value: number,
  mask: number,
  then: Label,
  otherwise: Label,
): Label {
  if (mask === 0) return then;
  const test = program.ifEqual(value, then, otherwise);
  return program.load(offset, mask === 0xffff_ffff ? test : program.and(mask, test));
}

function compileGreater(
  program: BpfProgram,
  { argument, op, value, isShort }: Condition,
  then: Label,
  otherwise: Label,
): Label {
  const low =
    op === 'gt' ? program.ifGreater(low32(value), then, otherwise) : program.ifAtLeast(low32(value), then, otherwise);
  const whole = program.load(lowOffset(argument), low);
  if (isShort) return whole;
  const isSame = program.ifEqual(high32(value), whole, otherwise);
  return program.load(highOffset(argument), program.ifGreater(high32(value), then, isSame));
}

/** `struct seccomp_data` is little endian on all machines whose calls are known here. */
function lowOffset(argument: number): number {
  return OFFSET_ARGUMENTS + 8 * argument;
}

function highOffset(argument: number): number {
  return lowOffset(argument) + 4;
}

function low32(value: bigint): number {
  return Number(value & LOW);
}

function high32(value: bigint): number {
  return Number(value >> 32n);
}
