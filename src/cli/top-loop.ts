/** `ctr top` as it runs: look, draw, wait for a key or the time. */
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './output.js';
import { formatStats, type Reading } from './stats-table.js';
import { addToHistory, pressKey, type SortKey, sortReadings, splitKeys, type TopState } from './top-model.js';
import { openScreen } from './top-screen.js';
import { renderTop, type TopHost } from './top-view.js';

interface TopOptions {
  /** In ms. */
  readonly interval: number;
  readonly sort: SortKey;
  readonly reverse?: boolean;
  readonly count?: number;
}

/** So soon after the first look there is a second one, so that rates are there. */
const FIRST_LOOK_MS = 300;

function initialState({ interval, sort, reverse = false }: TopOptions): TopState {
  return { sort, reverse, help: false, scroll: 0, intervalMs: interval };
}

/** On the terminal, until `q` or so many looks. */
export async function runTop(read: () => Reading[], options: TopOptions): Promise<void> {
  let state = initialState(options);
  let readings = read();
  let history = addToHistory(new Map(), readings);
  let looks = 0;
  const unicode = hasUnicode();
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (error?: unknown) => {
      clearTimeout(timer);
      screen.close();
      if (error === undefined) resolve();
      else reject(error);
    };
    const draw = () => screen.draw(renderTop(readings, history, state, readHost(), { ...screen.size(), unicode }));
    const look = () => {
      clearTimeout(timer);
      try {
        readings = read();
        history = addToHistory(history, readings);
        draw();
      } catch (error) {
        finish(error);
        return;
      }
      looks += 1;
      if (looks === options.count) finish();
      else timer = setTimeout(look, state.intervalMs);
    };
    const takeKeys = (bytes: string) => {
      for (const key of splitKeys(bytes)) {
        const pressed = pressKey(state, key);
        const isFaster = pressed.state.intervalMs < state.intervalMs;
        state = pressed.state;
        if (pressed.quit) return finish();
        if (pressed.suspend) return screen.suspend();
        if (pressed.refresh || isFaster) look();
      }
      draw();
    };
    const screen = openScreen({ onKeys: takeKeys, onChange: draw });
    draw();
    timer = setTimeout(look, Math.min(FIRST_LOOK_MS, options.interval));
  });
}

/** Without a terminal: tables, the first when there is an interval to tell of. */
export async function printTop(read: () => Reading[], options: TopOptions): Promise<void> {
  const state = initialState(options);
  read();
  for (let looks = 0; looks < (options.count ?? 1); looks += 1) {
    await sleep(options.interval);
    answer(`${looks > 0 ? '\n' : ''}${formatStats(sortReadings(read(), state))}`);
  }
}

function readHost(): TopHost {
  return {
    clock: new Date().toTimeString().slice(0, 8),
    processors: cpus().length,
    loadAverage: loadavg(),
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
  };
}

/** What the locale says, locale(7). */
function hasUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
