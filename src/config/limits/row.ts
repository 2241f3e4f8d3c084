/** How a row of the table of limits is made. Pure. */
import type { ContainerSpec } from '../spec.js';
import type { Read, ValueKind } from './values.js';

export interface LimitRow {
  /** `hugetlb.SIZE` stands for `hugetlb.2MB` and its like. */
  readonly key: string;
  readonly about: string;
  /** What a value is. */
  readonly label: string;
  /** Files of the group. */
  readonly v1: string;
  readonly v2: string;
  /** What others call it: a hint for whoever types that. */
  readonly others: readonly string[];
  /** @param key as it was typed */
  readonly set: (spec: ContainerSpec, text: string, key: string) => Read<ContainerSpec>;
  /** As `set` takes it; undefined: there is none. */
  readonly get: (spec: ContainerSpec) => string | undefined;
}

/** What is said about a limit. */
export interface Words {
  readonly about: string;
  readonly v1: string;
  readonly v2: string;
  readonly others: readonly string[];
}

export function row<T>(
  key: string,
  words: Words,
  kind: ValueKind<T>,
  set: (spec: ContainerSpec, value: T, key: string) => ContainerSpec,
  get: LimitRow['get'],
): LimitRow {
  return {
    key,
    ...words,
    label: kind.label,
    set: (spec, text, typed) => {
      const read = kind.read(text);
      return 'value' in read ? { value: set(spec, read.value, typed) } : read;
    },
    get,
  };
}

/** Of a value that may be absent. */
export function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
