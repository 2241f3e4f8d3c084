/** Settings of [Exec] about what is started. systemd.nspawn(5) */
import { ACCOUNT, ACCOUNT_RULE } from '../account.js';
import { quote } from '../display-text.js';
import { parseSignal, printSignal } from './parse-names.js';
import { isNormalPath, simplifyPath } from './parse-paths.js';
import { flagRow, parseBoolean, type Say, type SettingRow } from './rows.js';
import type { Settings } from './settings.js';
import { quoteWord, splitColons, splitQuoted } from './split-words.js';

const exec = { section: 'Exec', privileged: false } as const;

/** Two settings choose one of three ways to start: the later one gives way. */
function readStartMode(mode: 'boot' | 'pid2'): SettingRow['read'] {
  const other = mode === 'boot' ? 'pid2' : 'boot';
  return (value, settings, say) => {
    const flag = parseBoolean(value);
    if (flag === undefined) say.bad();
    else if (settings.startMode === (flag ? other : mode)) {
      say.bad(flag ? "contradicts 'Boot' and 'ProcessTwo' before it" : 'contradicts an earlier line');
    } else if (flag) settings.startMode = mode;
    else settings.startMode ??= 'pid1';
  };
}

function readParameters(value: string, settings: Settings, say: Say): void {
  const words = splitQuoted(value);
  if (words === undefined) say.bad('has a quote that is not closed');
  else if (value === '') settings.parameters.length = 0;
  else for (const { text } of words) settings.parameters.push(text);
}

function readEnvironment(value: string, settings: Settings, say: Say): void {
  const words = splitQuoted(value);
  if (words === undefined) {
    say.bad('has a quote that is not closed');
    return;
  }
  if (value === '') settings.environment.length = 0;
  for (const { text, index } of words) {
    const equals = text.indexOf('=');
    if (equals > 0) settings.environment.push({ name: text.slice(0, equals), value: text.slice(equals + 1) });
    else say.warn(`${quote(text)} is not NAME=VALUE: ignored`, index);
  }
}

function readPivotRoot(value: string, settings: Settings, say: Say): void {
  const split = splitColons(value, 1);
  const paths = [...(split?.parts ?? ['']), ...(split?.rest === undefined ? [] : [split.rest])];
  if (paths.every((path) => isNormalPath(path))) settings.pivotRoot = value;
  else say.bad();
}

export const startRows: readonly SettingRow[] = [
  {
    ...exec,
    key: 'Boot',
    value: 'a boolean',
    byDefault: 'no',
    about: 'start the init system of the root; `Parameters` are its arguments. Not together with `ProcessTwo`',
    group: 'start-mode',
    read: readStartMode('boot'),
    // nspawn heeds Parameters only where one of the two is written
    print: ({ startMode }) => (startMode === 'pid2' ? [] : [startMode === 'boot' ? 'yes' : 'no']),
  },
  flagRow(
    {
      ...exec,
      key: 'Ephemeral',
      about: 'what is written to the root is gone after the stop',
      group: 'ephemeral',
      privileged: true,
    },
    'ephemeral',
  ),
  {
    ...exec,
    key: 'ProcessTwo',
    value: 'a boolean',
    byDefault: 'no',
    about: 'a small init is PID 1, the program PID 2',
    group: 'start-mode',
    read: readStartMode('pid2'),
    print: ({ startMode }) => (startMode === 'pid2' ? ['yes'] : []),
  },
  {
    ...exec,
    key: 'Parameters',
    value: 'words, those with blanks in quotes',
    byDefault: 'a login shell',
    about: 'program (searched for in the PATH of the container) and arguments; lines add up',
    group: 'start-mode',
    read: readParameters,
    print: ({ parameters }) => (parameters.length === 0 ? [] : [parameters.map((word) => quoteWord(word)).join(' ')]),
  },
  {
    ...exec,
    key: 'Environment',
    value: 'NAME=VALUE, one or more, those with blanks in quotes',
    about: 'environment of the first process; lines add up',
    group: 'environment',
    read: readEnvironment,
    print: ({ environment }) => environment.map(({ name, value }) => quoteWord(`${name}=${value}`)),
  },
  {
    ...exec,
    key: 'User',
    value: 'a user of the container',
    byDefault: 'root',
    about: 'whom the program runs as',
    group: 'user',
    read: (value, settings, say) => {
      // Not ignored, as other bad values are: without it the program would run as root.
      if (value !== '' && !ACCOUNT.test(value)) say.fail(`'User' must be ${ACCOUNT_RULE}, not ${quote(value)}`);
      settings.user = value === '' ? undefined : value;
    },
    print: ({ user }) => (user === undefined ? [] : [user]),
  },
  {
    ...exec,
    key: 'WorkingDirectory',
    value: "an absolute path without '..'",
    byDefault: '/',
    about: 'where the program starts',
    group: 'working-directory',
    read: (value, settings, say) => {
      const path = simplifyPath(value);
      if (path === undefined && value !== '') say.bad();
      else settings.workingDirectory = path;
    },
    // A blank at the end of a line would be lost
    print: ({ workingDirectory }) =>
      workingDirectory === undefined ? [] : [workingDirectory.replace(/[ \t]$/, '$&/')],
  },
  {
    ...exec,
    key: 'PivotRoot',
    value: "NEW or NEW:OLD, absolute paths without '..'",
    about: 'another root inside the root. Kept; a start refuses it',
    group: 'pivot-root',
    read: readPivotRoot,
    print: ({ pivotRoot }) => (pivotRoot === undefined ? [] : [pivotRoot]),
  },
  {
    ...exec,
    key: 'KillSignal',
    value: 'a signal like SIGTERM or SIGRTMIN+3',
    byDefault: 'SIGRTMIN+3 with `Boot`',
    about: 'what a stop sends to the first process',
    group: 'kill-signal',
    read: (value, settings, say) => {
      const signal = parseSignal(value);
      if (signal === undefined) say.bad();
      else settings.killSignal = signal;
    },
    print: ({ killSignal }) => (killSignal === undefined ? [] : [printSignal(killSignal)]),
  },
  flagRow(
    { ...exec, key: 'NotifyReady', about: 'a start waits until the init system says READY=1', group: 'notify-ready' },
    'notifyReady',
  ),
];
