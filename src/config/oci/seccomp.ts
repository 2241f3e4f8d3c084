import { isSystemCall } from '../../security/seccomp-syscalls.js';
import type { SeccompArgument, SeccompProfile, SeccompRule, SecuritySpec } from '../spec.js';
import type { OciLinux } from './config-shape.js';
import { SECCOMP_ACTIONS, SECCOMP_OPERATORS } from './seccomp-shape.js';

/** `linux.seccomp` of a config.json, both ways. */

type OciSeccomp = NonNullable<OciLinux['seccomp']>;
type OciRule = NonNullable<OciSeccomp['syscalls']>[number];
type OciArgument = NonNullable<OciRule['args']>[number];

/** Without a profile every container has ctr's. One that allows all is the opt-out. */
export function readSeccomp(seccomp: OciLinux['seccomp']): SecuritySpec['seccomp'] {
  if (seccomp === undefined) return 'os';
  const { syscalls = [], architectures, flags, defaultErrnoRet } = seccomp;
  const defaultAction = SECCOMP_ACTIONS[seccomp.defaultAction];
  if (defaultAction === 'allow' && syscalls.length === 0) return 'none';
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrno: defaultErrnoRet }),
    ...(architectures === undefined ? {} : { architectures }),
    ...(flags === undefined ? {} : { flags }),
    rules: syscalls.flatMap((rule) => readRule(rule)),
  };
}

/** Peers take two conditions on one argument as two rules, so that a list of values can be written in one. */
function readRule({ names: written, action, errnoRet, args = [] }: OciRule): SeccompRule[] {
  const names = written.filter((name) => isSystemCall(name));
  if (names.length === 0) return [];
  const common = { names, action: SECCOMP_ACTIONS[action], ...(errnoRet === undefined ? {} : { errno: errnoRet }) };
  if (args.length === 0) return [common];
  const conditions = args.map((argument) => readArgument(argument));
  const isTwice = new Set(conditions.map(({ index }) => index)).size < conditions.length;
  return isTwice
    ? conditions.map((condition) => ({ ...common, args: [condition] }))
    : [{ ...common, args: conditions }];
}

function readArgument({ index, op, value, valueTwo }: OciArgument): SeccompArgument {
  const operator = SECCOMP_OPERATORS[op];
  return {
    index,
    op: operator,
    value: compact(value),
    ...(operator === 'masked-eq' ? { valueTwo: compact(valueTwo ?? 0n) } : {}),
  };
}

function compact(value: bigint): number | string {
  return value > Number.MAX_SAFE_INTEGER ? String(value) : Number(value);
}

export function writeSeccomp({ seccomp }: SecuritySpec): OciLinux['seccomp'] {
  if (seccomp === 'os' || seccomp === 'app') return undefined;
  if (seccomp === 'none') return { defaultAction: 'SCMP_ACT_ALLOW' };
  return {
    defaultAction: nameOf(SECCOMP_ACTIONS, seccomp.defaultAction),
    ...(seccomp.defaultErrno === undefined ? {} : { defaultErrnoRet: seccomp.defaultErrno }),
    ...(seccomp.architectures === undefined ? {} : { architectures: seccomp.architectures }),
    ...(seccomp.flags === undefined ? {} : { flags: seccomp.flags }),
    syscalls: seccomp.rules.map((rule) => writeRule(rule)),
  };
}

function writeRule({ names, action, errno, args = [] }: SeccompProfile['rules'][number]): OciRule {
  return {
    names,
    action: nameOf(SECCOMP_ACTIONS, action),
    ...(errno === undefined ? {} : { errnoRet: errno }),
    ...(args.length === 0 ? {} : { args: args.map((argument) => writeArgument(argument)) }),
  };
}

function writeArgument({ index, op, value, valueTwo }: SeccompArgument): OciArgument {
  return {
    index,
    value: BigInt(value),
    ...(valueTwo === undefined ? {} : { valueTwo: BigInt(valueTwo) }),
    op: nameOf(SECCOMP_OPERATORS, op),
  };
}

/** The first name of a word. */
function nameOf<Name extends string, Word>(table: Readonly<Record<Name, Word>>, word: Word): Name {
  const found = (Object.keys(table) as Name[]).find((name) => table[name] === word);
  if (found === undefined) throw new TypeError(`no name of ${String(word)}`);
  return found;
}
