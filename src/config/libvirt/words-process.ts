import type { HookSpec, HostFilesSpec, InitSpec, ProcessSpec, RlimitSpec } from '../spec.js';
import { absolutePath, anyText, cpuList, integer, matching, nonEmptyText, octalMode, oneOf } from './values.js';
import {
  child,
  children,
  content,
  count,
  flag,
  listWord,
  mode,
  number,
  objectWord,
  text,
  textWord,
  tokensWord,
  type Word,
} from './word.js';

/** Words about the processes of a container: init, what it is set up with, hooks, and files of the host. */

const required = { required: true };

/** A variable of an environment. */
const variable = objectWord<{ readonly name: string; readonly value: string }>('env', 'a variable of the environment', [
  text('name', 'its name', nonEmptyText, required),
  content('value', anyText),
]);

const groups = tokensWord(
  'groups',
  'supplementary groups by number, instead of those in /etc/group',
  integer(0, 4294967294),
);

const gids: Word<readonly number[]> = {
  row: groups.row,
  read: (element) => groups.read(element).map(Number),
  write: (ids) => groups.write(ids.map(String)),
};

export const initWord = objectWord<Partial<InitSpec>>('init', "what libvirt's <os> cannot say of init", [
  text('argv0', 'argv[0]; when missing: the path', anyText),
  flag('reaper', "ctr's own small init is PID 1 and reaps"),
  child(
    'fallbacks',
    listWord('fallbacks', 'tried in order when init does not exist', textWord('path', 'a program', absolutePath)),
  ),
  child('args', listWord('args', 'all arguments, where one is empty', textWord('arg', 'an argument', anyText))),
  child('env', listWord('environment', 'the whole environment, where a name or value is unusual', variable)),
  child('supplementaryGids', gids),
]);

const limit = matching("a whole number, or 'infinity'", /^(infinity|\d{1,16})$/);
const parseLimit = (written: string) => (written === 'infinity' ? written : Number(written));

interface WrittenLimit {
  readonly name: string;
  readonly soft: string;
  readonly hard: string;
}

const rlimitText = objectWord<WrittenLimit>('rlimit', 'a limit of setrlimit(2)', [
  text('name', 'lower case, without RLIMIT_', matching('letters', /^[a-z]+$/), required),
  text('soft', 'what holds', limit, required),
  text('hard', 'how far the process may raise it', limit, required),
]);

const rlimit: Word<RlimitSpec> = {
  row: rlimitText.row,
  read: (element) => {
    const { name, soft, hard } = rlimitText.read(element);
    return { name, soft: parseLimit(soft), hard: parseLimit(hard) } as RlimitSpec;
  },
  write: ({ name, soft, hard }) => rlimitText.write({ name, soft: String(soft), hard: String(hard) }),
};

const nanoseconds = matching('a whole number of nanoseconds', /^-?\d{1,20}$/);

export const processWord = objectWord<ProcessSpec>('process', 'how the first process is set up', [
  number('oom-score-adj', 'as /proc/PID/oom_score_adj', integer(-1000, 1000), { key: 'oomScoreAdj' }),
  text('cpu-affinity', 'CPUs, for sched_setaffinity(2)', cpuList, { key: 'cpuAffinity' }),
  number('nice', 'priority', integer(-20, 19)),
  mode('umask', 'in octal', octalMode()),
  flag('suppress-sync', 'calls like fsync(2) succeed and do nothing', { key: 'suppressSync' }),
  flag('terminal', 'whether it has a terminal; when missing: yes'),
  child('rlimits', listWord('rlimits', 'limits of setrlimit(2)', rlimit)),
  child(
    'sysctls',
    listWord(
      'sysctls',
      'kernel parameters of its own namespaces',
      objectWord('sysctl', 'one parameter', [
        text('name', 'with dots', nonEmptyText, required),
        content('value', anyText),
      ]),
    ),
  ),
  child(
    'procFiles',
    listWord(
      'proc-files',
      'values for files below /proc/PID of init',
      objectWord('proc', 'one file', [text('file', 'its name', nonEmptyText, required), content('value', anyText)]),
    ),
  ),
  child(
    'timeOffsets',
    objectWord('time', 'offsets of the clocks in a time namespace, in nanoseconds', [
      text('monotonic', 'of CLOCK_MONOTONIC', nanoseconds, { key: 'monotonicNs' }),
      text('boottime', 'of CLOCK_BOOTTIME', nanoseconds, { key: 'boottimeNs' }),
    ]),
  ),
]);

const POINTS =
  'pre-start pre-mount mount autodev create-container start-host start poststart stop post-stop clone destroy'.split(
    ' ',
  );

export const hooksWord = listWord(
  'hooks',
  "programs that run at points of the container's life",
  objectWord<HookSpec>('hook', 'one program', [
    text('when', 'the point', oneOf(POINTS), required),
    text('path', 'the program', absolutePath, required),
    text('convention', 'what it is told, and how', oneOf(['lxc', 'lxc1', 'oci']), required),
    text('argv0', 'argv[0]; when missing: the path', anyText),
    number('timeout', 'seconds', count, { key: 'timeoutSeconds' }),
    children('args', textWord('arg', 'an argument', anyText)),
    child('env', listWord('environment', 'its environment', variable)),
  ]),
);

const RESOLV_CONF = [
  'off',
  'auto',
  'network',
  'delete',
  ...['copy', 'replace', 'bind'].flatMap((how) => ['host', 'static', 'uplink', 'stub'].map((what) => `${how}-${what}`)),
];

export const hostFilesWord = objectWord<HostFilesSpec>('host-files', "what of the host's settings is carried inside", [
  text(
    'resolv-conf',
    'as ResolvConf= of systemd.nspawn(5), or `network`: the name servers of its networks',
    oneOf(RESOLV_CONF),
    { key: 'resolvConf' },
  ),
  text('timezone', 'as Timezone=', oneOf(['off', 'auto', 'copy', 'bind', 'symlink', 'delete'])),
  text('link-journal', 'as LinkJournal=', oneOf(['no', 'auto', 'host', 'guest', 'try-host', 'try-guest']), {
    key: 'linkJournal',
  }),
]);
