import { isSystemCall } from '../../security/seccomp-syscalls.js';
import type {
  DeviceNodeSpec,
  DeviceRuleSpec,
  DevicesSpec,
  SeccompArgument,
  SeccompProfile,
  SeccompRule,
  SecurityLabelSpec,
  SecuritySpec,
} from '../spec.js';
import { type Shape, scalar } from './shape.js';
import { list } from './shape-lists.js';
import { objectOf, optional, required } from './shape-objects.js';
import { absolutePath, anyText, boolean, integer, oneOf, text, uint64 } from './shape-values.js';

/** Tables of `spec-security.ts` and `spec-devices.ts`. */

const actions = oneOf(['allow', 'errno', 'kill-thread', 'kill-process', 'trap', 'trace', 'log']);
const errno = integer(0, 4095);

const seccompArgument = objectOf<SeccompArgument>('a condition', {
  index: required('argument of the call', integer(0, 5)),
  op: required('comparison', oneOf(['ne', 'lt', 'le', 'eq', 'ge', 'gt', 'masked-eq'])),
  value: required('right side; `masked-eq`: the mask', uint64),
  valueTwo: optional('`masked-eq`: what the masked argument must equal', uint64),
});

/** Misspelt, it would leave a hole. */
const callName = scalar('a name of a system call', { type: 'string', pattern: '^[a-z0-9_]+$' }, (node) =>
  node.kind === 'string' && isSystemCall(node.value) ? { value: node.value } : {},
);

const seccompRule = objectOf<SeccompRule>('a rule', {
  names: required('system calls', list(callName)),
  action: required('what becomes of them', actions),
  errno: optional('of `errno` and `trace`; absent: EPERM', errno),
  args: optional('all must hold', list(seccompArgument)),
});

const seccompProfile = objectOf<SeccompProfile>('a seccomp profile', {
  defaultAction: required('what becomes of calls without a rule', actions),
  defaultErrno: optional('of the default action; absent: EPERM', errno),
  architectures: optional('`SCMP_ARCH_X86_64`, …; absent: the host’s with its compatible ones', list(anyText)),
  flags: optional('of seccomp(2)', list(anyText)),
  file: optional('where it was read from', anyText),
  rules: required('in any order: one without conditions wins', list(seccompRule)),
});

const namedProfile = oneOf(['os', 'app', 'none']);

const seccomp: Shape<SecuritySpec['seccomp']> = {
  label: "'os', 'app', 'none' or a seccomp profile",
  schema: { anyOf: [namedProfile.schema, seccompProfile.schema] },
  inside: seccompProfile,
  read: (node, reading, path) => (node.kind === 'object' ? seccompProfile : namedProfile).read(node, reading, path),
};

const label = objectOf<SecurityLabelSpec>('a label', {
  model: optional('whose', oneOf(['selinux', 'apparmor'])),
  type: required('none, this one, or one that the host chooses', oneOf(['none', 'static', 'dynamic'])),
  label: optional('the label', anyText),
  baselabel: optional('what a dynamic one is made of', anyText),
  relabel: optional('whether files get it, too', boolean),
  optional: optional('a kernel without the module goes without it', boolean),
});

export const securityShape = objectOf<SecuritySpec>('an object', {
  seccomp: required("ctr's profile, none, or one's own", seccomp),
  masks: required('hide sensitive files of /proc and /sys', boolean),
  maskedPaths: optional('hidden besides', list(absolutePath)),
  readonlyPaths: optional('read-only besides', list(absolutePath)),
  nesting: required('the container may mount a fresh procfs itself', boolean),
  noNewPrivs: optional('programs gain nothing by execve(2)', boolean),
  hostRoot: optional('the id map means id 0 of the host; a start refuses one that has it without this', boolean),
  labels: optional('of SELinux and AppArmor', list(label)),
});

export const access = text("letters of 'rwm', each once", /^(?=[rwm]{1,3}$)(?!.*(.).*\1)/);
const number = integer(0, 2 ** 32 - 1);
const id = integer(0, 2 ** 32 - 2);

const deviceNode = objectOf<DeviceNodeSpec>('a device', {
  path: required('inside, below /dev', text('a path')),
  kind: required('block or char', oneOf(['block', 'char'])),
  source: optional('node of the host whose numbers it has', absolutePath),
  numbers: optional(
    'where there is no source',
    objectOf<NonNullable<DeviceNodeSpec['numbers']>>('an object', {
      major: required('major number', number),
      minor: required('minor number', number),
    }),
  ),
  loop: optional('`source` is a file with a disk in it', boolean),
  mode: optional('permissions', integer(0, 0o7777)),
  uid: optional('owner inside', id),
  gid: optional('group inside', id),
  access: required('what the device controller lets through', access),
});

const deviceRule = objectOf<DeviceRuleSpec>('a rule', {
  allow: required('or deny', boolean),
  kind: required('of devices', oneOf(['all', 'block', 'char'])),
  major: optional('absent: any', number),
  minor: optional('absent: any', number),
  access: required('letters of `rwm`', access),
});

export const devicesShape = objectOf<DevicesSpec>('an object', {
  nodes: required('besides the six that each container has', list(deviceNode)),
  rules: optional('in order, a later one wins; absent: the allow-list of ctr', list(deviceRule)),
});
