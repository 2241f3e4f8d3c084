/** Settings of [Exec] about resources. systemd.nspawn(5), getrlimit(2) */
import type { RlimitSpec } from '../spec.js';
import { parseSigned, parseSize, parseTimeSpan, parseUnsigned } from './parse-numbers.js';
import type { Say, SettingRow } from './rows.js';
import type { Settings } from './settings.js';
import { splitQuoted } from './split-words.js';

const SECOND_US = 1_000_000;
/** Of cpu_set_t as systemd counts. */
const MAX_CPUS = 8192;

interface LimitKind {
  readonly value: string;
  readonly parse: (text: string) => number | undefined;
}

const bytes: LimitKind = { value: 'bytes, also like 2G', parse: parseSize };
const count: LimitKind = { value: 'a number', parse: parseUnsigned };
const seconds: LimitKind = {
  value: 'seconds, also like 5min',
  parse: (text) => {
    const span = parseTimeSpan(text, SECOND_US);
    return span === undefined ? undefined : Math.ceil(span / SECOND_US);
  },
};
const microseconds: LimitKind = { value: 'microseconds, also like 5ms', parse: (text) => parseTimeSpan(text, 1) };
const nice: LimitKind = { value: 'a nice level like -5 or +5, or 0 to 40', parse: parseNice };

/** The limit is 20 - nice. */
function parseNice(text: string): number | undefined {
  const level = parseUnsigned(text.replace(/^[+-]/, ''));
  if (level === undefined || /^[+-]{2}/.test(text)) return undefined;
  if (text.startsWith('+')) return level < 20 ? 20 - level : undefined;
  if (text.startsWith('-')) return level <= 20 ? 20 + level : undefined;
  return level <= 40 ? level : undefined;
}

const LIMITS: readonly (readonly [key: string, kind: LimitKind, about: string])[] = [
  ['CPU', seconds, 'time on the CPU'],
  ['FSIZE', bytes, 'size of a file'],
  ['DATA', bytes, 'size of the data segment'],
  ['STACK', bytes, 'size of the stack'],
  ['CORE', bytes, 'size of a core file'],
  ['RSS', bytes, 'resident memory; no effect on Linux'],
  ['NOFILE', count, 'open files'],
  ['AS', bytes, 'address space'],
  ['NPROC', count, 'processes of the user'],
  ['MEMLOCK', bytes, 'locked memory'],
  ['LOCKS', count, 'file locks; no effect on Linux'],
  ['SIGPENDING', count, 'queued signals'],
  ['MSGQUEUE', bytes, 'POSIX message queues'],
  ['NICE', nice, 'how high the nice level may be raised'],
  ['RTPRIO', count, 'real-time priority'],
  ['RTTIME', microseconds, 'real-time work without a blocking call'],
];

/** Names of limits in the model, in the order of the table. */
export const LIMIT_NAMES: readonly string[] = LIMITS.map(([key]) => key.toLowerCase());

function readLimit(kind: LimitKind, name: string): SettingRow['read'] {
  const parse = (text: string) => (text.trim() === 'infinity' ? ('infinity' as const) : kind.parse(text.trim()));
  return (value, settings, say) => {
    const [softText = '', hardText = softText] = value.split(/:(.*)/s);
    const soft = parse(softText);
    const hard = parse(hardText);
    if (soft === undefined || hard === undefined) say.bad();
    else if (hard !== 'infinity' && (soft === 'infinity' || soft > hard))
      say.bad('has a soft limit above the hard one');
    else settings.rlimits.set(name, { name, soft, hard });
  };
}

function printLimit(limit: RlimitSpec | undefined): string[] {
  if (limit === undefined) return [];
  return [limit.soft === limit.hard ? String(limit.soft) : `${limit.soft}:${limit.hard}`];
}

function readCpuAffinity(value: string, settings: Settings, say: Say): void {
  const words = splitQuoted(value, ',');
  const ranges = words?.map(({ text, index }) => {
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text);
    const range = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])] as const;
    return match !== null && range[0] <= range[1] && range[1] < MAX_CPUS ? { range } : { index };
  });
  const fault = ranges?.find((range) => 'index' in range);
  if (ranges === undefined || fault !== undefined) say.bad(undefined, fault?.index);
  else if (ranges.length === 0) settings.cpuAffinity.length = 0;
  else for (const entry of ranges) if ('range' in entry) settings.cpuAffinity.push(entry.range);
}

const exec = { section: 'Exec', privileged: true } as const;

export const limitRows: readonly SettingRow[] = [
  ...LIMITS.map(
    ([key, kind, about]): SettingRow => ({
      ...exec,
      key: `Limit${key}`,
      value: `${kind.value}, or infinity; SOFT or SOFT:HARD`,
      about,
      group: `rlimit-${key.toLowerCase()}`,
      read: readLimit(kind, key.toLowerCase()),
      print: ({ rlimits }) => printLimit(rlimits.get(key.toLowerCase())),
    }),
  ),
  {
    ...exec,
    key: 'OOMScoreAdjust',
    value: 'a number from -1000 to 1000',
    about: 'how early the kernel kills when memory runs out',
    group: 'oom-score-adjust',
    read: (value, settings, say) => {
      const score = parseSigned(value);
      if (value !== '' && (score === undefined || Math.abs(score) > 1000)) say.bad();
      else settings.oomScoreAdjust = score;
    },
    print: ({ oomScoreAdjust }) => (oomScoreAdjust === undefined ? [] : [String(oomScoreAdjust)]),
  },
  {
    ...exec,
    key: 'CPUAffinity',
    value: `a list of CPUs below ${MAX_CPUS} like 0 2-3,5`,
    about: 'which CPUs the processes run on; lines add up',
    group: 'cpu-affinity',
    read: readCpuAffinity,
    print: ({ cpuAffinity }) => (cpuAffinity.length === 0 ? [] : [printRanges(cpuAffinity)]),
  },
];

/** A Linux CPU list: in order, ranges that touch joined. */
export function printRanges(ranges: readonly (readonly [number, number])[]): string {
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const open = joined.at(-1);
    if (open !== undefined && first <= open[1] + 1) open[1] = Math.max(open[1], last);
    else joined.push([first, last]);
  }
  return joined.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

/** The ranges of a Linux CPU list. */
export function parseRanges(list: string): (readonly [number, number])[] {
  return list.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    return match === null ? [] : [[Number(match[1]), Number(match[2] ?? match[1])] as const];
  });
}
