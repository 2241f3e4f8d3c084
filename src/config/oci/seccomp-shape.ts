import { isSystemCall } from '../../security/seccomp-syscalls.js';
import { quote } from '../display-text.js';
import { list } from '../json/shape-lists.js';
import { object, optional, required } from '../json/shape-objects.js';
import { integer, oneOf, text } from '../json/shape-values.js';
import type { SeccompAction, SeccompArgument } from '../spec.js';
import { anything, exactUint64, texts } from './value-shapes.js';

/** Table of `linux.seccomp`. */

/** What the runtime specification calls an action, and what the model does. The first of each is the one that is printed. */
export const SECCOMP_ACTIONS = {
  SCMP_ACT_ALLOW: 'allow',
  SCMP_ACT_ERRNO: 'errno',
  SCMP_ACT_KILL: 'kill-thread',
  SCMP_ACT_KILL_THREAD: 'kill-thread',
  SCMP_ACT_KILL_PROCESS: 'kill-process',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_TRACE: 'trace',
  SCMP_ACT_LOG: 'log',
} as const satisfies Record<string, SeccompAction>;

export const SECCOMP_OPERATORS = {
  SCMP_CMP_NE: 'ne',
  SCMP_CMP_LT: 'lt',
  SCMP_CMP_LE: 'le',
  SCMP_CMP_EQ: 'eq',
  SCMP_CMP_GE: 'ge',
  SCMP_CMP_GT: 'gt',
  SCMP_CMP_MASKED_EQ: 'masked-eq',
} as const satisfies Record<string, SeccompArgument['op']>;

const ARCHITECTURES =
  'X86 X86_64 X32 ARM AARCH64 LOONGARCH64 M68K MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PARISC PARISC64 PPC PPC64 PPC64LE RISCV64 S390 S390X SH SHEB'
    .split(' ')
    .map((name) => `SCMP_ARCH_${name}`);

const keysOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];

const action = oneOf(keysOf(SECCOMP_ACTIONS));
const errno = integer(0, 4095);

const argument = object('a condition', {
  index: required('argument of the call', integer(0, 5)),
  value: required('right side; of `SCMP_CMP_MASKED_EQ` the mask', exactUint64),
  valueTwo: optional('what the masked argument must equal', exactUint64),
  op: required('comparison of 64 bits', oneOf(keysOf(SECCOMP_OPERATORS))),
});

/** Profiles name calls of other machines and of kernels to come: without a permission such a call gets the default, which is no less strict. */
function isPermission(action: keyof typeof SECCOMP_ACTIONS): boolean {
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
}

const syscall = object(
  'a rule',
  {
    names: required(
      'system calls',
      list(text('a name of a system call', /^\w+$/), (names, say) => {
        if (names.length === 0) say.error([], 'must name a system call');
      }),
    ),
    action: required('what becomes of them', action),
    errnoRet: optional('of `SCMP_ACT_ERRNO` and `SCMP_ACT_TRACE`; absent: EPERM', errno),
    args: optional('conditions: all must hold; two of one argument are two rules', list(argument)),
  },
  ({ names, action }, say) => {
    names.forEach((name, index) => {
      if (isSystemCall(name)) return;
      const message = `is no system call: ${quote(name)}`;
      if (isPermission(action)) say.warning(['names', index], `${message}: ignored`);
      else say.error(['names', index], message);
    });
  },
);

export const seccompShape = object('an object', {
  defaultAction: required('what becomes of calls without a rule', action),
  defaultErrnoRet: optional('its errno; absent: EPERM', errno),
  architectures: optional('besides the own one; absent: all that the host runs', list(oneOf(ARCHITECTURES))),
  flags: optional('of seccomp(2)', texts),
  listenerPath: optional('a socket for SCMP_ACT_NOTIFY', anything('text'), { standing: 'kept' }),
  listenerMetadata: optional('what it is told', anything('text'), { standing: 'kept' }),
  syscalls: optional('rules: one without conditions wins', list(syscall)),
});
