import type { ContainerSpec, InterfaceSpec } from '../spec.js';

/**
 * The language as tables: each key is one row that says its type, what it does and how it is printed. The reader, the printer
 * and the reference page all come from these rows.
 */

/**
 * - `used`: ctr acts on it.
 * - `kept`: LXC accepts it and it has no effect here: kept, printed back, warned about unless its value changes nothing.
 * - `refused`: what it asks for cannot be given: kept, printed back, and a start refuses the container.
 */
export type Standing = 'used' | 'kept' | 'refused';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason?: string; readonly hint?: string };

/** The type of a value. */
export interface ValueType<T> {
  /** Completes "must be …": `a number from 1 to 9`. */
  readonly label: string;
  /** Without `reason` the message is "must be <label>, not '<value>'". Never throws; never called with an empty text. */
  readonly parse: (text: string) => Parsed<T>;
}

/** One line of a print. */
export interface Printed {
  /** What stands behind the key of a family: `nofile` of `lxc.prlimit.nofile`. */
  readonly name?: string;
  readonly value: string;
}

interface Row<T, S> {
  /** Of the current dialect: `lxc.uts.name`; of a network `ipv4.address`. */
  readonly key: string;
  /** What stands behind the key and a dot, in words, where many keys share the row: `FILE`. */
  readonly family?: string;
  /** Keys of LXC 2 for the same. */
  readonly legacy: readonly string[];
  readonly about: string;
  readonly type: ValueType<T>;
  /** Every line adds to a list; else the last one counts. */
  readonly list: boolean;
  readonly standing: Standing;
  /** `kept`: why it has no effect; `refused`: completes "asks for". */
  readonly remark: string;
  /** Values of something kept or refused that change nothing. */
  readonly quiet: readonly string[];
  readonly byDefault: string;
  /** What a start needs for it. */
  readonly needs: string;
  /** What of a container this key says. */
  readonly print: (subject: S) => readonly Printed[];
}

export type KeyRow<T = unknown> = Row<T, ContainerSpec>;

/** A key below `lxc.net.N.`. */
export interface NetRow<T = unknown> extends Row<T, InterfaceSpec> {
  /** The only types of network that have it; absent: all. */
  readonly only?: readonly NetType[];
}

export type NetType = 'empty' | 'none' | 'veth' | 'vlan' | 'macvlan' | 'ipvlan' | 'phys';

type Options<R> = Partial<Omit<R, 'key' | 'about' | 'type'>>;

const PLAIN = {
  legacy: [],
  list: false,
  standing: 'used',
  remark: '',
  quiet: [],
  byDefault: '',
  needs: '',
  print: () => [],
} as const;

/** A row for a key that ctr reads. */
export function key<T>(name: string, about: string, type: ValueType<T>, options: Options<KeyRow<T>> = {}): KeyRow<T> {
  return { ...PLAIN, key: name, about, type, ...options };
}

/** A row for a key without effect; `remark` says why. */
export function kept(
  name: string,
  about: string,
  type: ValueType<unknown>,
  remark: string,
  options: Options<KeyRow> = {},
): KeyRow {
  return key<unknown>(name, about, type, { standing: 'kept', remark, ...options });
}

/** A row for a key that a start refuses; `remark` completes "asks for". */
export function refused(
  name: string,
  about: string,
  type: ValueType<unknown>,
  remark: string,
  options: Options<KeyRow> = {},
): KeyRow {
  return key<unknown>(name, about, type, { standing: 'refused', remark, ...options });
}

/** A row for a key of one network. */
export function netKey<T>(
  name: string,
  about: string,
  type: ValueType<T>,
  options: Options<NetRow<T>> = {},
): NetRow<T> {
  return { ...PLAIN, key: name, about, type, ...options };
}

/** One line a value; those that are absent give none. */
export function lines(...values: readonly (string | number | undefined)[]): Printed[] {
  return values.filter((value) => value !== undefined).map((value) => ({ value: String(value) }));
}
