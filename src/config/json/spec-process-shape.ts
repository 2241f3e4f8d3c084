import type { HookSpec, ProcessSpec, RlimitSpec } from '../spec.js';
import { list } from './shape-lists.js';
import { objectOf, optional, required } from './shape-objects.js';
import { anyText, boolean, integer, integerOr, oneOf, text } from './shape-values.js';

/** Tables of `spec-process.ts`. */

export const variable = objectOf<{ readonly name: string; readonly value: string }>('a variable', {
  name: required('name', text("a name without '='", /^[^=]+$/)),
  value: required('value', anyText),
});

export const namedText = objectOf<{ readonly name: string; readonly value: string }>('a name with a value', {
  name: required('name', anyText),
  value: required('value', anyText),
});

const rlimit = objectOf<RlimitSpec>('a limit', {
  name: required('lower-case, without RLIMIT_: `nofile`', text('a lower-case name', /^[a-z]+$/)),
  soft: required('limit that the process may raise', integerOr('infinity', 0, Number.MAX_SAFE_INTEGER)),
  hard: required('limit of the soft limit', integerOr('infinity', 0, Number.MAX_SAFE_INTEGER)),
});

const nanoseconds = text('nanoseconds as text', /^-?\d{1,20}$/);

export const processShape = objectOf<ProcessSpec>('an object', {
  rlimits: optional('limits of setrlimit(2)', list(rlimit)),
  oomScoreAdj: optional('as /proc/PID/oom_score_adj', integer(-1000, 1000)),
  cpuAffinity: optional('CPU list for sched_setaffinity(2)', anyText),
  nice: optional('priority', integer(-20, 19)),
  umask: optional('mode bits that new files lack', integer(0, 0o777)),
  sysctls: optional('written below /proc/sys before init runs', list(namedText)),
  procFiles: optional(
    'written below /proc/PID of init',
    list(
      objectOf<{ readonly file: string; readonly value: string }>('a file with a value', {
        file: required('name of the file', anyText),
        value: required('what is written', anyText),
      }),
    ),
  ),
  suppressSync: optional('sync calls succeed and do nothing', boolean),
  terminal: optional('terminal of the payload; absent: yes', boolean),
  timeOffsets: optional(
    'clocks of a time namespace',
    objectOf<NonNullable<ProcessSpec['timeOffsets']>>('an object', {
      monotonicNs: optional('offset of CLOCK_MONOTONIC', nanoseconds),
      boottimeNs: optional('offset of CLOCK_BOOTTIME', nanoseconds),
    }),
  ),
});

export const hookShape = objectOf<HookSpec>('a hook', {
  when: required(
    'point of the container’s life',
    oneOf([
      'pre-start',
      'pre-mount',
      'mount',
      'autodev',
      'create-container',
      'start-host',
      'start',
      'poststart',
      'stop',
      'post-stop',
      'clone',
      'destroy',
    ]),
  ),
  path: required('program', text('a path', /./s)),
  argv0: optional('absent: the path', anyText),
  args: required('argv[1..]', list(anyText)),
  env: optional('its environment', list(variable)),
  timeoutSeconds: optional('it is killed after them', integer(0, 2 ** 31 - 1)),
  convention: required('what it is told, and how', oneOf(['lxc', 'lxc1', 'oci'])),
});
