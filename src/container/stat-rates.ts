/** What containers use in a second, from two readings. Pure. */
import type { ContainerStats } from './stats.js';

export interface StatRates {
  /** Between the two readings. */
  readonly intervalSeconds: number;
  /** 100 is one processor all the time. */
  readonly cpuPercent?: number;
  readonly ioReadBytesPerSecond?: number;
  readonly ioWriteBytesPerSecond?: number;
  readonly rxBytesPerSecond?: number;
  readonly txBytesPerSecond?: number;
}

/**
 * Undefined where the two are not of one run. Counters that went back (a link that was made anew) give 0.
 *
 * @param before an earlier reading
 */
export function computeRates(before: ContainerStats | undefined, after: ContainerStats): StatRates | undefined {
  if (before === undefined || before.pid !== after.pid || before.since !== after.since) return undefined;
  const seconds = (Date.parse(after.time) - Date.parse(before.time)) / 1000;
  if (!(seconds > 0)) return undefined;
  const rate = (key: 'cpuNs' | 'ioReadBytes' | 'ioWriteBytes' | 'rxBytes' | 'txBytes'): number | undefined => {
    const [first, second] = [before[key], after[key]];
    return first === undefined || second === undefined ? undefined : Math.max(0, second - first) / seconds;
  };
  const cpu = rate('cpuNs');
  const rates = {
    intervalSeconds: round(seconds, 3),
    cpuPercent: cpu === undefined ? undefined : round(cpu / 1e7, 2),
    ioReadBytesPerSecond: whole(rate('ioReadBytes')),
    ioWriteBytesPerSecond: whole(rate('ioWriteBytes')),
    rxBytesPerSecond: whole(rate('rxBytes')),
    txBytesPerSecond: whole(rate('txBytes')),
  };
  return Object.fromEntries(Object.entries(rates).filter(([, value]) => value !== undefined)) as unknown as StatRates;
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
