import type { Report } from '../diagnostics.js';
import type { ReadOptions } from '../format.js';
import type { ContainerSpec } from '../spec.js';
import type { Draft } from './apply-line.js';
import type { NetRow } from './rows.js';
import type { Entry, Settings } from './settings.js';
import { TABLE } from './table.js';

type Kept = NonNullable<ContainerSpec['kept']>[number];

/** A container on its way from what the lines set to the model. */
export interface Building {
  readonly draft: Draft;
  readonly settings: Settings;
  readonly options: ReadOptions;
  /** Of the text itself: for what no line says. */
  readonly report: Report;
  /** Of all files; those that lines name join. */
  readonly reports: Report[];
  readonly kept: Kept[];
  readonly refusals: string[];
}

/** Keeps a line for the print. */
export function keep({ kept }: Building, key: string, value: string): void {
  kept.push({ format: 'lxc', key, value });
}

/** Keeps a line whose wish no start can grant. @param what completes "asks for" */
export function refuse(building: Building, key: string, entry: Entry, what: string): void {
  keep(building, key, entry.value);
  building.refusals.push(`${key} asks for ${what}`);
  entry.report.warning(entry.valueOffset, `this can be defined, but not started: ${key} asks for ${what}`);
}

/** Keys without effect, and those that a start refuses. */
export function buildKept(building: Building): void {
  for (const row of TABLE) {
    if (row.standing === 'used') continue;
    for (const { entry } of building.settings.all(row)) keepRow(building, row, row.key, entry);
  }
}

/** Likewise for one line. @param key as it is printed: networks have a number */
export function keepRow(
  building: Building,
  { standing, remark, quiet }: Pick<NetRow, 'standing' | 'remark' | 'quiet'>,
  key: string,
  entry: Entry,
): void {
  const isQuiet = quiet.includes(entry.value);
  if (standing === 'refused' && !isQuiet) {
    refuse(building, key, entry, remark);
    return;
  }
  keep(building, key, entry.value);
  if (!isQuiet) entry.report.warning(entry.offset, `'${key}' has no effect: ${remark}`);
}

/** An optional property: absent, not undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
