import type { SeccompAction, SeccompProfile, SeccompRule } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { BpfProgram, Label } from './bpf-program.js';
import {
  ABIS,
  type Abi,
  type AbiDecisions,
  compileDecisions,
  type Decision,
  RET_ALLOW,
  RET_ERRNO,
  RET_KILL_PROCESS,
} from './seccomp-compile.js';
import { type Condition, compileCondition, conditionOf } from './seccomp-condition.js';
import { MULTIPLEXED } from './seccomp-multiplexed.js';
import { ERRNO } from './seccomp-profile.js';
import { isSystemCall } from './seccomp-syscalls.js';

/** `<linux/seccomp.h>` */
const RET_KILL_THREAD = 0x00000000;
const RET_TRAP = 0x00030000;
const RET_TRACE = 0x7ff00000;
const RET_LOG = 0x7ffc0000;

/** Numbers of x32 have this bit. It is an ABI of its own that hides behind x86_64's architecture, and no profile gets it. */
const X32_BIT = 0x40000000;

/** A rule about one number: the value that the filter returns when all conditions hold. */
interface NumberRule {
  readonly value: number;
  readonly conditions: readonly Condition[];
}

/**
 * Compiles a configuration's own profile for this machine, with libseccomp's meaning: a rule without conditions wins over all of its call;
 * of others the first that holds decides. A rule whose action is the default one changes nothing. Other architectures that the profile
 * lists have no calls here; a 32-bit one that it does not list kills, and calls of x32 give ENOSYS. Where the default is an errno, calls
 * newer than any that the profile names give ENOSYS, so that libc falls back.
 *
 * @param machine as in uname(2)
 * @throws CtrError CTR_UNSUPPORTED (no table of the machine's calls, a program that is too long), CTR_BAD_CONFIG (no such call)
 */
export function compileSeccompProfile(profile: SeccompProfile, machine: string): Uint8Array {
  const abis = ABIS[machine];
  if (abis === undefined) throw cannotCompile('CTR_UNSUPPORTED', `no table of system calls for '${machine}'`);
  checkNames(profile);
  const { architectures } = profile;
  const chosen = abis.filter((abi, index) => index === 0 || (architectures?.includes(abi.architecture) ?? true));
  try {
    return compileDecisions(chosen.map((abi) => decide(profile, abi)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw cannotCompile('CTR_UNSUPPORTED', error.message);
  }
}

function cannotCompile(code: 'CTR_UNSUPPORTED' | 'CTR_BAD_CONFIG', reason: string): CtrError {
  return new CtrError(code, `cannot compile the seccomp profile: ${reason}`);
}

/** A call of another architecture has no number here and needs no rule; a misspelt one would leave a hole. */
function checkNames({ rules }: SeccompProfile): void {
  const unknown = rules.flatMap(({ names }) => names).find((name) => !isSystemCall(name));
  if (unknown !== undefined) throw cannotCompile('CTR_BAD_CONFIG', `there is no system call '${unknown}'`);
}

function decide(profile: SeccompProfile, abi: Abi): AbiDecisions {
  const fallback = returnValueOf(profile.defaultAction, profile.defaultErrno);
  const byNumber = new Map<number, NumberRule[]>();
  const add = (number: number | undefined, rule: NumberRule): void => {
    const rules = byNumber.get(number ?? -1);
    if (rules !== undefined) rules.push(rule);
    else if (number !== undefined) byNumber.set(number, [rule]);
  };
  let newest = 0;
  for (const rule of profile.rules) {
    const value = returnValueOf(rule.action, rule.errno);
    for (const name of rule.names) {
      newest = Math.max(newest, abi.syscalls.get(name) ?? 0);
      if (value === fallback) continue;
      add(abi.syscalls.get(name), {
        value,
        conditions: (rule.args ?? []).map((argument) => conditionOf(argument, abi.is32Bit === true)),
      });
      addMultiplexed(name, rule, value, abi, add);
    }
  }
  return {
    auditArch: abi.auditArch,
    byNumber: new Map([...byNumber].map(([number, rules]) => [number, decisionOf(rules, fallback)])),
    otherwise: plain(fallback),
    ...beyond(newest, abi, profile),
  };
}

/**
 * i386 has some calls twice: as themselves and inside socketcall(2) or ipc(2), with their arguments in memory, where no filter sees
 * them. There a refusal with conditions is a refusal, and a permission with conditions is none.
 */
function addMultiplexed(
  name: string,
  { action, args = [] }: SeccompRule,
  value: number,
  abi: Abi,
  add: (number: number | undefined, rule: NumberRule) => void,
): void {
  const inside = abi.architecture === 'SCMP_ARCH_X86' ? MULTIPLEXED.get(name) : undefined;
  if (inside === undefined || (args.length > 0 && (action === 'allow' || action === 'log'))) return;
  add(abi.syscalls.get(inside.call), { value, conditions: [inside.condition] });
}

/** ENOSYS for numbers that the profile cannot mean. */
function beyond(
  newest: number,
  { architecture }: Abi,
  { defaultAction }: SeccompProfile,
): Pick<AbiDecisions, 'beyond'> {
  const decision = plain(RET_ERRNO | ERRNO.ENOSYS);
  if (defaultAction === 'errno') return { beyond: { start: newest + 1, decision } };
  return architecture === 'SCMP_ARCH_X86_64' ? { beyond: { start: X32_BIT, decision } } : {};
}

function decisionOf(rules: readonly NumberRule[], fallback: number): Decision {
  const always = rules.find(({ conditions }) => conditions.length === 0);
  if (always !== undefined) return plain(always.value);
  return {
    key: JSON.stringify(rules, (_, part) => (typeof part === 'bigint' ? String(part) : part)),
    write: (program) =>
      rules.reduceRight<Label>((otherwise, rule) => compileNumberRule(program, rule, otherwise), program.ret(fallback)),
  };
}

function compileNumberRule(program: BpfProgram, { value, conditions }: NumberRule, otherwise: Label): Label {
  return conditions.reduceRight<Label>(
    (then, condition) => compileCondition(program, condition, then, otherwise),
    program.ret(value),
  );
}

function plain(value: number): Decision {
  return { key: String(value), write: (program) => program.ret(value) };
}

function returnValueOf(action: SeccompAction, errno: number = ERRNO.EPERM): number {
  switch (action) {
    case 'allow':
      return RET_ALLOW;
    case 'errno':
      return RET_ERRNO | errno;
    case 'kill-thread':
      return RET_KILL_THREAD;
    case 'kill-process':
      return RET_KILL_PROCESS;
    case 'trap':
      return RET_TRAP;
    case 'trace':
      return RET_TRACE | errno;
    case 'log':
      return RET_LOG;
  }
}
