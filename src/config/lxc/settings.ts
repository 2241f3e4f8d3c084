import type { Report } from '../diagnostics.js';

/** A line on its way into the model: where it stands, for messages that come later. */
export interface Entry {
  /** As written. */
  readonly key: string;
  readonly value: string;
  readonly offset: number;
  readonly valueOffset: number;
  /** Of the file that it stands in. */
  readonly report: Report;
}

export interface Setting<T> {
  readonly value: T;
  readonly entry: Entry;
  /** Grows with every line, over all files. */
  readonly order: number;
}

/** What a setting belongs to: a row of a table. */
interface Slot<T> {
  readonly list: boolean;
  readonly type: {
    readonly parse: (text: string) => { readonly ok: true; readonly value: T } | { readonly ok: false };
  };
}

/** What the lines have set so far, by row and, for families, by name. An empty value takes it away. */
export interface Settings {
  set<T>(row: Slot<T>, name: string, value: T, entry: Entry): void;
  clear(row: Slot<unknown>, name?: string): void;
  /** A line of this row was wrong: that it is missing is no news. */
  spoil(row: Slot<unknown>): void;
  isSpoilt(row: Slot<unknown>): boolean;
  last<T>(row: Slot<T>): T | undefined;
  lastSetting<T>(row: Slot<T>): Setting<T> | undefined;
  /** In the order of the lines. */
  all<T>(row: Slot<T>): readonly Setting<T>[];
  /** Of a family, with the name of each, in the order of the lines. */
  named<T>(row: Slot<T>): readonly (readonly [name: string, setting: Setting<T>])[];
}

export function createSettings(): Settings {
  const rows = new Map<Slot<unknown>, Map<string, Setting<unknown>[]>>();
  const spoilt = new Set<Slot<unknown>>();
  let order = 0;

  const named = <T>(row: Slot<T>): [string, Setting<T>][] => {
    const byName = rows.get(row);
    if (byName === undefined) return [];
    return [...byName]
      .flatMap(([name, settings]) => settings.map((setting): [string, Setting<T>] => [name, setting as Setting<T>]))
      .sort(([, a], [, b]) => a.order - b.order);
  };

  return {
    set(row, name, value, entry) {
      order += 1;
      const byName = rows.get(row) ?? new Map<string, Setting<unknown>[]>();
      rows.set(row, byName);
      const before = row.list ? byName.get(name) : undefined;
      if (before === undefined) byName.set(name, [{ value, entry, order }]);
      else before.push({ value, entry, order });
    },
    clear(row, name) {
      if (name === undefined) rows.delete(row);
      else rows.get(row)?.delete(name);
    },
    spoil: (row) => void spoilt.add(row),
    isSpoilt: (row) => spoilt.has(row),
    last: <T>(row: Slot<T>) => rows.get(row)?.get('')?.at(-1)?.value as T | undefined,
    lastSetting: <T>(row: Slot<T>) => rows.get(row)?.get('')?.at(-1) as Setting<T> | undefined,
    all: <T>(row: Slot<T>) => named(row).map(([, setting]) => setting),
    named,
  };
}
