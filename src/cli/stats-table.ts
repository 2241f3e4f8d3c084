/** What containers use, as a table. Pure. */
import type { StatRates } from '../container/stat-rates.js';
import type { ContainerStats } from '../container/stats.js';
import { formatCpuTime, formatShortBytes } from './format.js';
import { type Column, formatTable } from './table.js';

/** With rates where there was an earlier one. */
export interface Reading {
  readonly now: ContainerStats;
  readonly rates?: StatRates;
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', least: 12 },
  { title: 'STATE' },
  ...['MEMORY', 'LIMIT', 'CPU', 'PIDS', 'READ', 'WRITE', 'RX', 'TX'].map(
    (title): Column => ({ title, align: 'right' }),
  ),
];
const RATE_TITLES: Readonly<Record<string, string>> = {
  CPU: 'CPU%',
  READ: 'READ/s',
  WRITE: 'WRITE/s',
  RX: 'RX/s',
  TX: 'TX/s',
};

/** The table of `ctr stats`: since the start, or, where any has rates, in a second. */
export function formatStats(readings: readonly Reading[], width?: number): string {
  const hasRates = readings.some(({ rates }) => rates !== undefined);
  const columns = hasRates
    ? COLUMNS.map((column) => ({ ...column, title: RATE_TITLES[column.title] ?? column.title }))
    : COLUMNS;
  const rows = readings.map((reading) => {
    const { name, state, memoryBytes, memoryLimitBytes, pids } = reading.now;
    const [cpu, ...traffic] = hasRates ? rateCells(reading) : totalCells(reading.now);
    const used = [bytesCell(memoryBytes), bytesCell(memoryLimitBytes), cpu];
    return [name, state, ...used, pids === undefined ? undefined : String(pids), ...traffic];
  });
  return formatTable(columns, rows, { width });
}

function totalCells({ cpuNs, ioReadBytes, ioWriteBytes, rxBytes, txBytes }: ContainerStats) {
  const cpu = cpuNs === undefined ? undefined : formatCpuTime(cpuNs);
  return [cpu, ...[ioReadBytes, ioWriteBytes, rxBytes, txBytes].map(bytesCell)];
}

function rateCells({ rates }: Reading) {
  const cpu = rates?.cpuPercent === undefined ? undefined : rates.cpuPercent.toFixed(1);
  const { ioReadBytesPerSecond, ioWriteBytesPerSecond, rxBytesPerSecond, txBytesPerSecond } = rates ?? {};
  return [cpu, ...[ioReadBytesPerSecond, ioWriteBytesPerSecond, rxBytesPerSecond, txBytesPerSecond].map(bytesCell)];
}

function bytesCell(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatShortBytes(bytes);
}
