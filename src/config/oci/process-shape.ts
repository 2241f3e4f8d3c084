import { CAPABILITY_NAMES } from '../capability-names.js';
import { type Shape, scalar } from '../json/shape.js';
import { list } from '../json/shape-lists.js';
import { type Check, object, optional, required } from '../json/shape-objects.js';
import { absolutePath, anyText, boolean, didYouMean, integer, oneOf } from '../json/shape-values.js';
import { anything, environment, exactUint64, id, texts, uint32 } from './value-shapes.js';

/** Table of `process`. */

const PREFIX = 'CAP_';
const KNOWN = new Set(CAPABILITY_NAMES);
const CAPABILITY_WORDS = CAPABILITY_NAMES.map((name) => `${PREFIX}${name.toUpperCase()}`);

/** `CAP_KILL` in the text, `kill` in the model. */
const capability: Shape<string> = scalar('a capability, like CAP_KILL', { enum: CAPABILITY_WORDS }, (node) => {
  if (node.kind !== 'string') return {};
  const value = node.value.slice(PREFIX.length).toLowerCase();
  if (node.value === `${PREFIX}${value.toUpperCase()}` && KNOWN.has(value)) return { value };
  const { value: wrong } = node;
  return { hint: () => didYouMean(wrong.toUpperCase(), CAPABILITY_WORDS) };
});

const capabilitySet = list(capability);

const RLIMITS = 'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'
  .split(' ')
  .map((name) => `RLIMIT_${name.toUpperCase()}`);

const rlimit = object(
  'a limit',
  {
    type: required('as in getrlimit(2)', oneOf(RLIMITS)),
    soft: required('limit that the process may raise; 18446744073709551615 is none', exactUint64),
    hard: required('limit of the soft limit', exactUint64),
  },
  ({ soft, hard }, say) => {
    if (soft > hard) say.error(['soft'], `must be at most the hard limit, ${hard}`);
    for (const [name, value] of [
      ['soft', soft],
      ['hard', hard],
    ] as const)
      if (value > Number.MAX_SAFE_INTEGER && value !== 2n ** 64n - 1n)
        say.error([name], `must be at most ${Number.MAX_SAFE_INTEGER}, or 18446744073709551615 for no limit`);
  },
);

const once: Check<readonly { readonly type: string }[]> = (limits, say) => {
  limits.forEach(({ type }, index) => {
    const first = limits.findIndex((other) => other.type === type);
    if (first < index) say.error([index, 'type'], `stands twice: the first is entry ${first}`);
  });
};

const consoleSize = object('an object', { height: required('lines', uint32), width: required('columns', uint32) });

const POLICIES = ['OTHER', 'FIFO', 'RR', 'BATCH', 'ISO', 'IDLE', 'DEADLINE'].map((name) => `SCHED_${name}`);

const scheduler = object('an object', {
  policy: required('of sched(7)', oneOf(POLICIES)),
  nice: optional('-20 to 19', integer(-20, 19)),
  priority: optional('of real-time tasks', integer(-(2 ** 31), 2 ** 31 - 1)),
  flags: optional('of sched_setattr(2)', texts),
  runtime: optional('of deadlines, in nanoseconds', exactUint64),
  deadline: optional('of deadlines, in nanoseconds', exactUint64),
  period: optional('of deadlines, in nanoseconds', exactUint64),
});

const ioPriority = object('an object', {
  class: required('of ioprio_set(2)', oneOf(['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'])),
  priority: optional('0 to 7', integer(0, 7)),
});

export const processShape = object('an object', {
  terminal: optional('the payload has a terminal', boolean),
  consoleSize: optional('size of its terminal', consoleSize, { standing: 'kept' }),
  user: required(
    'who runs',
    object('an object', {
      uid: required('user inside', id),
      gid: required('group inside', id),
      umask: optional('mode bits that new files lack', integer(0, 0o777)),
      additionalGids: optional('supplementary groups', list(id)),
      username: optional('a user of Windows', anything('text'), { standing: 'kept' }),
    }),
  ),
  args: required(
    'argv; without `/` the program is searched in PATH of `env`',
    list(anyText, (args, say) => {
      if (args.length === 0) say.error([], 'must name a program');
      if (args[0] === '') say.error([0], 'must not be empty');
    }),
  ),
  commandLine: optional('arguments of Windows', anything('text'), { standing: 'kept' }),
  env: optional('environment, exactly this', environment),
  cwd: required('working directory', absolutePath),
  capabilities: optional(
    'sets of capabilities(7); absent: empty',
    object('an object', {
      bounding: optional('what can be gained by execve(2)', capabilitySet),
      effective: optional('what is checked', capabilitySet),
      permitted: optional('what may become effective', capabilitySet),
      inheritable: optional('what is kept by programs that ask for it', capabilitySet),
      ambient: optional('what is kept by a user that is not root; inheritable, too', capabilitySet),
    }),
  ),
  rlimits: optional('limits of setrlimit(2), each once', list(rlimit, once)),
  noNewPrivileges: optional('programs gain nothing by execve(2)', boolean),
  oomScoreAdj: optional('as /proc/PID/oom_score_adj', integer(-1000, 1000)),
  apparmorProfile: optional('profile of AppArmor', anyText, { needs: 'AppArmor' }),
  selinuxLabel: optional('label of SELinux', anyText, { needs: 'SELinux' }),
  scheduler: optional('a scheduling policy', scheduler, { standing: 'refused' }),
  ioPriority: optional('a class and level of ioprio_set(2)', ioPriority, { standing: 'refused' }),
  execCPUAffinity: optional('CPUs of commands that enter', anything('an object'), { standing: 'kept' }),
});
