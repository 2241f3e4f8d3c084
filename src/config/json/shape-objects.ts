import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import { type JsonMember, type JsonNode, type JsonObject, valueOfNode } from './json-node.js';
import {
  type AnyShape,
  type Field,
  partPath,
  type Shape,
  type ShapeReading,
  type Standing,
  showNode,
  type TypeOf,
} from './shape.js';

/** Shapes of objects, maps and lists. */

type Fields = Readonly<Record<string, Field>>;

type Plain<T> = { [K in keyof T]: T[K] };

/** The type that a table of fields describes. What is set aside is not in the value. */
export type ObjectOf<F extends Fields> = Plain<
  { readonly [K in keyof F as F[K] extends Field<AnyShape, true> ? K : never]: TypeOf<F[K]['shape']> } & {
    readonly [K in keyof F as F[K] extends Field<AnyShape, true> ? never : K]?: TypeOf<F[K]['shape']>;
  }
>;

/** The table that describes a type: a property that is missing here, or is not of the type, is an error of the compiler. */
export type FieldsOf<T> = {
  readonly [K in keyof T]-?: Field<Shape<Exclude<T[K], undefined>>, object extends Pick<T, K> ? false : true>;
};

/** Says what is wrong with a whole object or list, or a part of it. The message completes the path of that part. */
export interface Say {
  error(place: readonly (string | number)[], message: string, hint?: string): void;
  warning(place: readonly (string | number)[], message: string, hint?: string): void;
}

/** Rules over several values: called when each single one is right. */
export type Check<T> = (value: T, say: Say) => void;

export interface ObjectShape<T> extends Shape<T> {
  readonly fields: Fields;
}

export function required<S extends AnyShape>(about: string, shape: S, needs?: string): Field<S, true> {
  return { shape, about, required: true, standing: 'used', ...(needs === undefined ? {} : { needs }) };
}

export function optional<S extends AnyShape>(
  about: string,
  shape: S,
  options: { readonly needs?: string; readonly standing?: Standing } = {},
): Field<S, false> {
  return { shape, about, required: false, standing: 'used', ...options };
}

/** An object by its table; the type follows from the table. */
export function object<F extends Fields>(
  label: string,
  fields: F,
  check?: Check<ObjectOf<F>>,
): ObjectShape<ObjectOf<F>> {
  return makeObject(label, fields, check);
}

/** An object by its table, which must cover the type. */
export function objectOf<T>(label: string, fields: FieldsOf<T>, check?: Check<T>): ObjectShape<T> {
  return makeObject(label, fields as Fields, check);
}

function makeObject<T>(label: string, fields: Fields, check: Check<T> | undefined): ObjectShape<T> {
  const names = Object.keys(fields);
  return {
    label,
    fields,
    inside: fields,
    schema: {
      type: 'object',
      additionalProperties: false,
      required: names.filter((name) => fields[name]?.required),
      properties: Object.fromEntries(
        names.map((name) => [name, { description: fields[name]?.about, ...fields[name]?.shape.schema }]),
      ),
    },
    read: (node, reading, path) => {
      if (node.kind !== 'object') return wrongKind(node, reading, path, label);
      const entries: [string, unknown][] = [];
      let whole = true;
      for (const [name, member] of node.members) {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (reading.nullIsAbsent && member.value.kind === 'null') continue;
        if (field === undefined) reportUnknown(name, member, fields, reading, path);
        else if (field.standing !== 'used') {
          if (field.shape.read(member.value, reading, partPath(path, name)) === undefined) whole = false;
          setAside(name, member, field, reading, path);
        } else {
          const value = field.shape.read(member.value, reading, partPath(path, name));
          if (value === undefined) whole = false;
          else entries.push([name, value]);
        }
      }
      for (const name of names) {
        if (!fields[name]?.required || isThere(node, name, reading)) continue;
        whole = false;
        reading.report.error(node.offset, `${path === '' ? 'the configuration' : path} needs ${quote(name)}`);
      }
      return whole ? checked(Object.fromEntries(entries) as T, node, reading, path, check) : undefined;
    },
  };
}

function isThere(node: JsonObject, name: string, { nullIsAbsent }: ShapeReading): boolean {
  const member = node.members.get(name);
  return member !== undefined && !(nullIsAbsent && member.value.kind === 'null');
}

/** Reports a value of another kind. */
export function wrongKind(node: JsonNode, { report }: ShapeReading, path: string, label: string): undefined {
  report.error(node.offset, `${path === '' ? 'the configuration' : path} must be ${label}, not ${showNode(node)}`);
}

function reportUnknown(
  name: string,
  { nameOffset }: JsonMember,
  fields: Fields,
  { report, unknown }: ShapeReading,
  path: string,
): void {
  if (report.isFull()) return;
  const near = nearestName(name, Object.keys(fields));
  const hint = near === undefined ? undefined : `did you mean '${near}'?`;
  const where = path === '' ? '' : ` in ${path}`;
  report[unknown](
    nameOffset,
    `unknown property ${quote(name)}${where}${unknown === 'warning' ? ': it is ignored' : ''}`,
    hint,
  );
}

function setAside(
  name: string,
  { nameOffset, value }: JsonMember,
  field: Field,
  reading: ShapeReading,
  parent: string,
): void {
  const path = partPath(parent, name);
  const inList = path.includes('[');
  if (field.standing === 'refused' && inList) {
    reading.report.error(nameOffset, `not supported yet: ${path} (${field.about})`);
    return;
  }
  if (field.standing === 'kept')
    reading.report.warning(nameOffset, `${path} has no effect${inList ? '' : '; it is kept'}`);
  if (!inList) reading.aside.push({ path, value: valueOfNode(value), field, offset: nameOffset });
}

/** Notes the place of a value, and asks the rules about it. */
export function checked<T>(
  value: T,
  node: JsonNode,
  reading: ShapeReading,
  path: string,
  check: Check<T> | undefined,
): T | undefined {
  reading.places.set(value as object, node);
  let faults = 0;
  const saying =
    (severity: 'error' | 'warning'): Say['error'] =>
    (place, message, hint) => {
      if (severity === 'error') faults += 1;
      const at = place.reduce<string>(partPath, path);
      reading.report[severity](offsetOf(node, place), `${at} ${message}`, hint);
    };
  check?.(value, { error: saying('error'), warning: saying('warning') });
  return faults === 0 ? value : undefined;
}

/** Offset of a part; of what is around it where there is no such part. */
export function offsetOf(node: JsonNode, place: readonly (string | number)[]): number {
  let at: JsonNode = node;
  for (const key of place) {
    let part: JsonNode | undefined;
    if (at.kind === 'array' && typeof key === 'number') part = at.items[key];
    if (at.kind === 'object' && typeof key === 'string') part = at.members.get(key)?.value;
    if (part === undefined) break;
    at = part;
  }
  return at.offset;
}
