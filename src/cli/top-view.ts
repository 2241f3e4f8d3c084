/** The screen of `ctr top`, as lines that fit it. Pure. */
import { formatCpuTime, formatShortBytes } from './format.js';
import type { Reading } from './stats-table.js';
import { HISTORY, ioRate, type SortKey, sortReadings, type TopState } from './top-model.js';
import { textWidth, truncate, visible } from './visible.js';

export interface TopScreen {
  readonly columns: number;
  readonly rows: number;
  /** The terminal shows more than ASCII. */
  readonly unicode: boolean;
}

export interface TopHost {
  /** Time of day, for the first line. */
  readonly clock: string;
  readonly processors: number;
  readonly loadAverage: readonly number[];
  readonly memoryTotalBytes: number;
  readonly memoryFreeBytes: number;
}

interface TopColumn {
  readonly title: string;
  readonly width: number;
  readonly key?: SortKey;
  readonly cell: (reading: Reading) => string;
}

const INVERSE = '\x1b[7m';
const BOLD = '\x1b[1m';
const PLAIN = '\x1b[m';
const LEAST_NAME = 8;
const MOST_NAME = 40;

function columnsOf(history: ReadonlyMap<string, readonly number[]>, unicode: boolean): readonly TopColumn[] {
  const size = (value: number | undefined) => (value === undefined ? '-' : formatShortBytes(value));
  return [
    { title: 'S', width: 1, cell: ({ now }) => (now.state === 'paused' ? 'P' : 'R') },
    {
      title: 'CPU%',
      width: 6,
      key: 'cpu',
      cell: ({ rates }) => (rates?.cpuPercent === undefined ? '-' : rates.cpuPercent.toFixed(1)),
    },
    {
      title: 'HISTORY',
      width: HISTORY,
      cell: ({ now }) => drawBars(history.get(`${now.name} ${now.pid}`) ?? [], unicode),
    },
    {
      title: 'TIME',
      width: 7,
      key: 'time',
      cell: ({ now }) => (now.cpuNs === undefined ? '-' : formatCpuTime(now.cpuNs)),
    },
    { title: 'MEMORY', width: 6, key: 'memory', cell: ({ now }) => size(now.memoryBytes) },
    { title: 'MEM%', width: 5, cell: ({ now }) => share(now.memoryBytes, now.memoryLimitBytes) },
    { title: 'PIDS', width: 5, key: 'pids', cell: ({ now }) => (now.pids === undefined ? '-' : String(now.pids)) },
    { title: 'IO/s', width: 6, key: 'io', cell: (reading) => size(ioRate(reading)) },
    { title: 'RX/s', width: 6, key: 'rx', cell: ({ rates }) => size(rates?.rxBytesPerSecond) },
    { title: 'TX/s', width: 6, key: 'tx', cell: ({ rates }) => size(rates?.txBytesPerSecond) },
  ];
}

/** Of its limit. */
function share(used: number | undefined, limit: number | undefined): string {
  return used === undefined || limit === undefined || limit === 0 ? '-' : `${((100 * used) / limit).toFixed(0)}%`;
}

const BARS = '▁▂▃▄▅▆▇█';
const ASCII_BARS = '_.-:=+*#';

/** CPU use, the newest at the right; a full bar is a processor or more. */
export function drawBars(samples: readonly number[], unicode: boolean): string {
  const bars = unicode ? BARS : ASCII_BARS;
  const drawn = samples.map((percent) => {
    if (percent < 0.05) return ' ';
    return bars[Math.min(bars.length - 1, Math.floor((percent / 100) * bars.length))] ?? ' ';
  });
  return drawn.join('').padStart(HISTORY);
}

/** Exactly as many lines as the screen has, none wider than it. */
export function renderTop(
  readings: readonly Reading[],
  history: ReadonlyMap<string, readonly number[]>,
  state: TopState,
  host: TopHost,
  screen: TopScreen,
): string[] {
  const head = headLines(readings, state, host);
  const body = state.help ? helpLines() : tableLines(readings, history, state, screen, head.length + 1);
  const foot = 'q quit  h help  N name  P cpu  T time  M memory  I i/o  < > column  r reverse';
  const fitted = [...head, ...body].map((line) => cutLine(line, screen.columns)).slice(0, Math.max(0, screen.rows - 1));
  const blank = new Array<string>(Math.max(0, screen.rows - 1 - fitted.length)).fill('');
  return [...fitted, ...blank, cutLine(foot, screen.columns)].slice(-Math.max(1, screen.rows));
}

function headLines(readings: readonly Reading[], { intervalMs }: TopState, host: TopHost): string[] {
  const paused = readings.filter(({ now }) => now.state === 'paused').length;
  const load = host.loadAverage.map((value) => value.toFixed(2)).join(' ');
  const used = host.memoryTotalBytes - host.memoryFreeBytes;
  return [
    `ctr top  ${host.clock}  ${readings.length - paused} running, ${paused} paused  every ${intervalMs / 1000} s`,
    `host     ${host.processors} processors, load ${load}, memory ${formatShortBytes(used)} of ${formatShortBytes(host.memoryTotalBytes)}`,
    '',
  ];
}

function tableLines(
  readings: readonly Reading[],
  history: ReadonlyMap<string, readonly number[]>,
  state: TopState,
  screen: TopScreen,
  above: number,
): string[] {
  const columns = columnsOf(history, screen.unicode);
  const others = columns.reduce((sum, { width }) => sum + 1 + width, 0);
  const longest = Math.max('NAME'.length, ...readings.map(({ now }) => textWidth(now.name)));
  const nameWidth = Math.max(LEAST_NAME, Math.min(MOST_NAME, longest, screen.columns - others));
  // Title, total and the line of keys stay.
  const room = Math.max(1, screen.rows - above - 2);
  const sorted = sortReadings(readings, state);
  const first = Math.min(state.scroll, Math.max(0, sorted.length - room));
  const row = (name: string, cells: readonly string[]) =>
    `${pad(truncate(visible(name), nameWidth), nameWidth)} ${cells.join(' ')}`;
  const lines = sorted.slice(first, first + room).map((reading) =>
    row(
      reading.now.name,
      columns.map(({ width, cell }) => cell(reading).padStart(width)),
    ),
  );
  const hidden = sorted.length - lines.length;
  // How many there are stands in the first line, too.
  const label = hidden > 0 && `TOTAL +${hidden}`.length <= nameWidth ? `TOTAL +${hidden}` : 'TOTAL';
  const total = sumUp(readings);
  const totalCells = columns.map(({ width, title, cell }) =>
    (title === 'S' || title === 'HISTORY' || title === 'MEM%' ? '' : cell(total)).padStart(width),
  );
  return [titleLine(columns, nameWidth, state, screen.columns), ...lines, BOLD + row(label, totalCells) + PLAIN];
}

/** The column that is sorted by is not inverse. */
function titleLine(columns: readonly TopColumn[], nameWidth: number, { sort }: TopState, width: number): string {
  const mark = (text: string, isSorted: boolean) => (isSorted ? `${PLAIN}${BOLD}${text}${PLAIN}${INVERSE}` : text);
  const cells = columns.map((column) => mark(column.title.padStart(column.width), column.key === sort));
  const used = nameWidth + columns.reduce((sum, column) => sum + 1 + column.width, 0);
  const rest = ' '.repeat(Math.max(0, width - used));
  return `${INVERSE}${mark('NAME'.padEnd(nameWidth), sort === 'name')} ${cells.join(' ')}${rest}${PLAIN}`;
}

/** All of them as if they were one. */
function sumUp(readings: readonly Reading[]): Reading {
  const sum = (pick: (reading: Reading) => number | undefined): number | undefined => {
    const values = readings.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
  };
  const now = {
    cpuNs: sum((reading) => reading.now.cpuNs),
    memoryBytes: sum((reading) => reading.now.memoryBytes),
    pids: sum((reading) => reading.now.pids),
  };
  const rates = {
    intervalSeconds: 0,
    cpuPercent: sum(({ rates }) => rates?.cpuPercent),
    ioReadBytesPerSecond: sum(ioRate),
    rxBytesPerSecond: sum(({ rates }) => rates?.rxBytesPerSecond),
    txBytesPerSecond: sum(({ rates }) => rates?.txBytesPerSecond),
  };
  return { now, rates } as unknown as Reading;
}

function helpLines(): string[] {
  return [
    'N P T M I   sort by name, CPU use, CPU time, memory, block i/o',
    '< >         sort by the column to the left, to the right (also arrows)',
    'r           the other way round',
    'up down     scroll; page up, page down, home',
    'space       look again now',
    '+ -         look more often, less often',
    'q           quit',
    '',
    'CPU% 100 is one processor. HISTORY: CPU use of the last looks; a full bar is a',
    'processor. MEM% of its own limit. IO/s block devices, both ways. S: R runs, P paused.',
    "'-': this host does not count it for that container, or it has no limit.",
    '',
    'any key leads back',
  ];
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Cut to the screen; the sequences of attributes take no cell. */
function cutLine(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: attributes of a terminal
  const parts = line.split(/(\x1b\[\d*m)/);
  let left = columns;
  return parts
    .map((text, index) => {
      if (index % 2 === 1) return text;
      const cut = textWidth(text) <= left ? text : cutAt(text, left);
      left -= textWidth(cut);
      return cut;
    })
    .join('');
}

function cutAt(text: string, cells: number): string {
  let kept = '';
  for (const character of text) {
    if (textWidth(kept + character) > cells) break;
    kept += character;
  }
  return kept;
}
