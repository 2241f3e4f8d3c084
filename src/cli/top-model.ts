/** What `ctr top` shows, and what a key changes about it. Pure. */
import type { Reading } from './stats-table.js';

export type SortKey = 'name' | 'cpu' | 'time' | 'memory' | 'pids' | 'io' | 'rx' | 'tx';

/** From the left to the right of the screen. */
export const SORT_KEYS: readonly SortKey[] = ['name', 'cpu', 'time', 'memory', 'pids', 'io', 'rx', 'tx'];

export interface TopState {
  readonly sort: SortKey;
  /** The other way round: names begin with Z, numbers with the smallest. */
  readonly reverse: boolean;
  readonly help: boolean;
  /** How many rows are above the first one that is shown. */
  readonly scroll: number;
  readonly intervalMs: number;
}

export interface TopKey {
  readonly state: TopState;
  readonly quit?: true;
  readonly refresh?: true;
  readonly suspend?: true;
}

/** One key as `splitKeys` gives it. */
const SORT_BY: Readonly<Record<string, SortKey>> = {
  N: 'name',
  P: 'cpu',
  T: 'time',
  M: 'memory',
  I: 'io',
  n: 'name',
  p: 'cpu',
  t: 'time',
  m: 'memory',
  i: 'io',
};
const PAGE = 10;
const LEAST_INTERVAL_MS = 250;
const MOST_INTERVAL_MS = 60_000;

/** Keys as in top(1). One that means nothing changes nothing. */
export function pressKey(state: TopState, key: string): TopKey {
  if (key === 'q' || key === 'Q' || key === '\x03' || key === '\x04') return { state, quit: true };
  if (key === '\x1a') return { state, suspend: true };
  if (key === 'h' || key === '?') return { state: { ...state, help: !state.help } };
  // Out of the help by any other key.
  if (state.help) return { state: { ...state, help: false } };
  if (key === ' ' || key === '\r' || key === '\x0c') return { state, refresh: true };
  if (key === 'r' || key === 'R') return { state: { ...state, reverse: !state.reverse } };
  if (key === '+' || key === '-') return { state: { ...state, intervalMs: changeInterval(state.intervalMs, key) } };
  const sort = SORT_BY[key];
  if (sort !== undefined) return { state: { ...state, sort, reverse: false } };
  return { state: moveBy(state, key) };
}

function changeInterval(intervalMs: number, key: '+' | '-'): number {
  const next = key === '+' ? intervalMs / 2 : intervalMs * 2;
  return Math.min(MOST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, next));
}

function moveBy(state: TopState, key: string): TopState {
  const at = SORT_KEYS.indexOf(state.sort);
  const sortAt = (index: number): TopState => ({ ...state, sort: SORT_KEYS[index] ?? state.sort });
  const scrollBy = (rows: number): TopState => ({ ...state, scroll: Math.max(0, state.scroll + rows) });
  switch (key) {
    case 'left':
    case '<':
      return sortAt(at - 1);
    case 'right':
    case '>':
      return sortAt(at + 1);
    case 'up':
      return scrollBy(-1);
    case 'down':
      return scrollBy(1);
    case 'pageup':
      return scrollBy(-PAGE);
    case 'pagedown':
      return scrollBy(PAGE);
    case 'home':
      return { ...state, scroll: 0 };
    default:
      return state;
  }
}

const SEQUENCES: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  '5~': 'pageup',
  '6~': 'pagedown',
};

/** What a terminal sent, as keys: characters, and names of arrows (ECMA-48 and the application mode's SS3). Other sequences are ''. */
export function splitKeys(bytes: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are keys
  return [...bytes.matchAll(/\x1b(?:\[|O)([\d;]*[A-Za-z~])|[\s\S]/g)].map(([whole, sequence]) =>
    sequence === undefined ? whole : (SEQUENCES[sequence] ?? ''),
  );
}

/** Block i/o in a second, both ways. */
export function ioRate({ rates }: Reading): number | undefined {
  const { ioReadBytesPerSecond: read, ioWriteBytesPerSecond: write } = rates ?? {};
  return read === undefined && write === undefined ? undefined : (read ?? 0) + (write ?? 0);
}

const VALUES: Readonly<Record<Exclude<SortKey, 'name'>, (reading: Reading) => number | undefined>> = {
  cpu: ({ rates }) => rates?.cpuPercent,
  time: ({ now }) => now.cpuNs,
  memory: ({ now }) => now.memoryBytes,
  pids: ({ now }) => now.pids,
  io: ioRate,
  rx: ({ rates }) => rates?.rxBytesPerSecond,
  tx: ({ rates }) => rates?.txBytesPerSecond,
};

/** The largest first, names from A; equal ones by name, so that no row jumps. */
export function sortReadings(readings: readonly Reading[], { sort, reverse }: TopState): Reading[] {
  const byName = (a: Reading, b: Reading) => (a.now.name < b.now.name ? -1 : a.now.name > b.now.name ? 1 : 0);
  const value = sort === 'name' ? undefined : VALUES[sort];
  const compare = (a: Reading, b: Reading) =>
    value === undefined ? byName(a, b) : (value(b) ?? -1) - (value(a) ?? -1);
  return [...readings].sort((a, b) => (reverse ? -compare(a, b) : compare(a, b)) || byName(a, b));
}

/** How many samples of CPU use are kept. */
export const HISTORY = 8;

/** The history of each container with its newest sample; of those that are gone, nothing. */
export function addToHistory(
  history: ReadonlyMap<string, readonly number[]>,
  readings: readonly Reading[],
): Map<string, readonly number[]> {
  return new Map(
    readings.map(({ now, rates }) => {
      const key = `${now.name} ${now.pid}`;
      const samples = history.get(key) ?? [];
      return [key, rates?.cpuPercent === undefined ? samples : [...samples, rates.cpuPercent].slice(-HISTORY)];
    }),
  );
}
