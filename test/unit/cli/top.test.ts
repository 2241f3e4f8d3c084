import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/cli/stats-table.js';
import { addToHistory, HISTORY, pressKey, sortReadings, splitKeys, type TopState } from '../../../src/cli/top-model.js';
import { drawBars, renderTop } from '../../../src/cli/top-view.js';
import { textWidth } from '../../../src/cli/visible.js';

const state: TopState = { sort: 'cpu', reverse: false, help: false, scroll: 0, intervalMs: 2000 };
const host = {
  clock: '12:00:00',
  processors: 2,
  loadAverage: [0.1, 0.2, 0.3],
  memoryTotalBytes: 2 ** 34,
  memoryFreeBytes: 2 ** 33,
};

function reading(name: string, cpuPercent: number, memoryBytes = 1024): Reading {
  const time = '2026-01-01T00:00:00.000Z';
  return {
    now: { name, state: 'running', pid: 1, since: time, time, memoryBytes, cpuNs: cpuPercent * 1e7, pids: 2 },
    rates: { intervalSeconds: 2, cpuPercent, rxBytesPerSecond: 0, txBytesPerSecond: 0 },
  };
}

const names = (readings: readonly Reading[]) => readings.map(({ now }) => now.name);
const ATTRIBUTE = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');
const plain = (lines: readonly string[]) => lines.map((line) => line.replaceAll(ATTRIBUTE, ''));

describe('keys', () => {
  test('are those of top(1)', () => {
    for (const [key, sort] of Object.entries({ N: 'name', P: 'cpu', T: 'time', M: 'memory', I: 'io' })) {
      expect(pressKey(state, key).state.sort).toBe(sort);
    }
    for (const key of ['q', '\x03']) expect(pressKey(state, key).quit).toBe(true);
    expect(pressKey(state, ' ').refresh).toBe(true);
    expect(pressKey(state, '\x1a').suspend).toBe(true);
    expect(pressKey(state, 'r').state.reverse).toBe(true);
    expect(pressKey(state, 'x').state).toEqual(state);
  });

  test('arrows choose the column, and stop at the edges', () => {
    expect(pressKey(state, 'left').state.sort).toBe('name');
    expect(pressKey({ ...state, sort: 'name' }, 'left').state.sort).toBe('name');
    expect(pressKey(state, 'right').state.sort).toBe('time');
    expect(pressKey({ ...state, sort: 'tx' }, '>').state.sort).toBe('tx');
    expect(pressKey(state, 'up').state.scroll).toBe(0);
    expect(pressKey(state, 'pagedown').state.scroll).toBe(10);
  });

  test('out of the help leads any key, without doing anything else', () => {
    const helped = pressKey(state, 'h').state;
    expect(helped.help).toBe(true);
    expect(pressKey(helped, 'M').state).toEqual(state);
    expect(pressKey(helped, 'q').quit).toBe(true);
  });

  test('sequences of the terminal are taken apart, in both modes of the cursor keys', () => {
    expect(splitKeys('q\x1b[A\x1bOB\x1b[5~\x1b[1;5CM')).toEqual(['q', 'up', 'down', 'pageup', '', 'M']);
  });
});

test('the largest is first, equal ones are by name, and reverse turns it round', () => {
  const readings = [reading('b', 5), reading('c', 50), reading('a', 5)];
  expect(names(sortReadings(readings, state))).toEqual(['c', 'a', 'b']);
  expect(names(sortReadings(readings, { ...state, reverse: true }))).toEqual(['a', 'b', 'c']);
  expect(names(sortReadings(readings, { ...state, sort: 'name', reverse: true }))).toEqual(['c', 'b', 'a']);
});

test('the history keeps so many samples of those that are there', () => {
  let history: ReadonlyMap<string, readonly number[]> = new Map();
  for (let sample = 0; sample < HISTORY + 3; sample += 1) history = addToHistory(history, [reading('a', sample)]);
  expect(history.get('a 1')).toHaveLength(HISTORY);
  expect(history.get('a 1')?.at(-1)).toBe(HISTORY + 2);
  expect(addToHistory(history, []).size).toBe(0);
});

test('bars: idle is blank, a processor or more is full, and ASCII does where there is no more', () => {
  expect(drawBars([0, 5, 100, 400], true)).toBe('     ▁██');
  expect(drawBars([50], false)).toBe('       =');
});

describe('the screen', () => {
  const many = Array.from({ length: 40 }, (_, index) => reading(`container-${index}`, index));

  test.for([
    { columns: 80, rows: 24 },
    { columns: 60, rows: 12 },
    { columns: 200, rows: 50 },
    { columns: 10, rows: 3 },
    { columns: 80, rows: 1 },
  ])('has exactly $rows lines of at most $columns cells', (size) => {
    for (const help of [false, true]) {
      const lines = plain(renderTop(many, new Map(), { ...state, help }, host, { ...size, unicode: true }));
      expect(lines).toHaveLength(size.rows);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(size.columns);
    }
  });

  test('shows all columns in 80 cells, and what all of them use together', () => {
    const lines = plain(
      renderTop([reading('a', 10), reading('b', 20)], new Map(), state, host, { columns: 80, rows: 24, unicode: true }),
    );
    expect(lines[3]).toMatch(/^NAME +S +CPU% +HISTORY +TIME +MEMORY +MEM% +PIDS +IO\/s +RX\/s +TX\/s *$/);
    expect(lines[4]).toMatch(/^b /);
    expect(lines.find((line) => line.startsWith('TOTAL'))).toMatch(/^TOTAL +30\.0 .* 2K +4 /);
  });

  test('scrolls to the last row and no further', () => {
    const lines = plain(
      renderTop(many, new Map(), { ...state, sort: 'name', scroll: 1000 }, host, {
        columns: 80,
        rows: 24,
        unicode: true,
      }),
    );
    expect(lines.some((line) => line.startsWith('container-9 '))).toBe(true);
    expect(lines.some((line) => line.startsWith('TOTAL +'))).toBe(true);
  });
});
