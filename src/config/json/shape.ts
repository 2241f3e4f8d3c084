import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { JsonNode } from './json-node.js';

/**
 * What a JSON value must be, as a table: the reader, the JSON Schema and the reference page all come from it.
 */
export interface Shape<T> extends AnyShape {
  readonly read: (node: JsonNode, reading: ShapeReading, path: string) => T | undefined;
  /** Never there: shapes of different types are different types, also where one could stand for the other. */
  readonly exactly?: (value: T) => T;
}

export interface AnyShape {
  /** Completes "must be …": `a whole number from 1 to 9`. */
  readonly label: string;
  /** The value; undefined after a fault, which is in the report then. */
  readonly read: (node: JsonNode, reading: ShapeReading, path: string) => unknown;
  readonly schema: JsonSchema;
  /** What stands inside an object, a list or a map, for the reference page. */
  readonly inside?: Readonly<Record<string, Field>> | AnyShape;
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What becomes of a property. `used`: it is read. `kept`: it has no effect, is printed back and warned about. `refused`: no start can
 * give it; likewise kept.
 */
export type Standing = 'used' | 'kept' | 'refused';

/** A property of an object. */
export interface Field<S extends AnyShape = AnyShape, Required extends boolean = boolean> {
  readonly shape: S;
  readonly required: Required;
  readonly standing: Standing;
  readonly about: string;
  /** What of the kernel or the host it takes: a controller, a namespace. */
  readonly needs?: string;
}

/** What the reading of one text needs and leaves. */
export interface ShapeReading {
  readonly report: Report;
  /** What is said of a property that nobody knows. */
  readonly unknown: 'error' | 'warning';
  /** As Go's programs have it: a null is as if nothing stood there. */
  readonly nullIsAbsent: boolean;
  /** Where each object and list was written. */
  readonly places: WeakMap<object, JsonNode>;
  /** Properties that are kept or refused, in the order of the text. */
  readonly aside: { readonly path: string; readonly value: unknown; readonly field: Field; readonly offset: number }[];
}

/** Why a value is wrong: "must be <label>" when nothing is said. */
interface Fault {
  readonly value?: never;
  readonly reason?: string;
  /** Asked for only when it is shown: looking for a near name takes time. */
  readonly hint?: () => string | undefined;
}

/** A shape of one value that is no object and no list. */
export function scalar<T>(
  label: string,
  schema: JsonSchema,
  read: (node: JsonNode) => { readonly value: T } | Fault,
): Shape<T> {
  return {
    label,
    schema,
    read: (node, { report }, path) => {
      const outcome = read(node);
      if (outcome.value !== undefined) return outcome.value;
      const { reason = `must be ${label}, not ${showNode(node)}`, hint } = outcome as Fault;
      report.error(node.offset, `${path} ${reason}`, report.isFull() ? undefined : hint?.());
      return undefined;
    },
  };
}

/** A value as messages name it. */
export function showNode(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return 'an object';
    case 'array':
      return 'a list';
    case 'number':
      return quote(node.text);
    case 'null':
      return 'null';
    default:
      return quote(String(node.value));
  }
}

/** Path of a part, as messages have it: `mounts[3].options`. */
export function partPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  const shown = /^[A-Za-z_][\w.-]{0,59}$/.test(key) ? key : quote(key);
  return path === '' ? shown : `${path}.${shown}`;
}
