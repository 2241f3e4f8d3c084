/** The files of a run: all values as JSON, and the chart. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import type { Options } from '../options.js';
import { formatChart } from './format-chart.js';
import type { Result } from './metric.js';

export interface Host {
  readonly kernel: string;
  readonly cpus: number;
  readonly node: string;
  readonly libc: string;
  /** Of the last 1, 5 and 15 minutes, at the end of the run. */
  readonly load: string;
}

export interface Report {
  readonly host: Host;
  readonly options: Options;
  readonly results: readonly Result[];
}

export function describeHost(libc: string): Host {
  const [one, five, fifteen] = readFileSync('/proc/loadavg', 'utf8').split(' ');
  const node = process.version;
  return { kernel: release(), cpus: cpus().length, node, libc, load: `${one} ${five} ${fifteen}` };
}

/** @returns the paths of what was written */
export function writeReport(folder: string, report: Report): string[] {
  const date = new Date().toISOString();
  mkdirSync(folder, { recursive: true });
  const base = join(folder, date.slice(0, 19).replaceAll(':', ''));
  writeFileSync(`${base}.json`, `${JSON.stringify({ date, ...report }, null, 1)}\n`);
  writeFileSync(`${base}.svg`, formatChart({ date, ...report }));
  return [`${base}.json`, `${base}.svg`];
}
