import { type AnyShape, partPath, type Shape, showNode, type TypeOf } from './shape.js';
import { type Check, checked, type ObjectShape, wrongKind } from './shape-objects.js';

/** Shapes of lists, maps and objects of several kinds. */

/** A list of one shape. */
export function list<T>(item: Shape<T>, check?: Check<readonly T[]>): Shape<readonly T[]> {
  const label = `a list: each is ${item.label}`;
  return {
    label,
    inside: item,
    schema: { type: 'array', items: item.schema },
    read: (node, reading, path) => {
      if (node.kind !== 'array') return wrongKind(node, reading, path, 'a list');
      const values = node.items.map((entry, index) => item.read(entry, reading, partPath(path, index)));
      const right = values.filter((value) => value !== undefined);
      return right.length === values.length ? checked(right, node, reading, path, check) : undefined;
    },
  };
}

/** Names of one's own, in the order of the text. */
export type Entries<T> = readonly { readonly name: string; readonly value: T }[];

/** An object whose names are the writer's own. */
export function entries<T>(name: Shape<string>, value: Shape<T>, check?: Check<Entries<T>>): Shape<Entries<T>> {
  return {
    label: `an object of ${value.label}`,
    inside: value,
    schema: { type: 'object', propertyNames: name.schema, additionalProperties: value.schema },
    read: (node, reading, path) => {
      if (node.kind !== 'object') return wrongKind(node, reading, path, 'an object');
      const right: { readonly name: string; readonly value: T }[] = [];
      for (const [key, member] of node.members) {
        const ownName = name.read(
          { kind: 'string', offset: member.nameOffset, value: key },
          reading,
          `the name in ${path}`,
        );
        const ownValue = value.read(member.value, reading, partPath(path, key));
        if (ownName !== undefined && ownValue !== undefined) right.push({ name: ownName, value: ownValue });
      }
      return right.length === node.members.size ? checked(right, node, reading, path, check) : undefined;
    },
  };
}

/** Objects of several kinds, told apart by the words of one property. */
export function variants<const S extends readonly AnyObjectShape[]>(tag: string, kinds: S): Shape<TypeOf<S[number]>> {
  const words = kinds.flatMap((shape) => wordsOf(shape, tag));
  return {
    label: `an object with '${tag}'`,
    schema: { oneOf: kinds.map(({ schema }) => schema) },
    read: (node, reading, path) => {
      if (node.kind !== 'object') return wrongKind(node, reading, path, 'an object');
      const member = node.members.get(tag)?.value;
      const word = member?.kind === 'string' ? member.value : undefined;
      const shape = kinds.find((kind) => word !== undefined && wordsOf(kind, tag).includes(word));
      if (shape !== undefined) return shape.read(node, reading, path) as TypeOf<S[number]> | undefined;
      const message =
        member === undefined
          ? `${path} needs '${tag}'`
          : `${partPath(path, tag)} must be one of ${words.join(', ')}, not ${showNode(member)}`;
      reading.report.error(member?.offset ?? node.offset, message);
      return undefined;
    },
  };
}

type AnyObjectShape = AnyShape & Pick<ObjectShape<unknown>, 'fields'>;

function wordsOf({ fields }: AnyObjectShape, tag: string): readonly string[] {
  return (fields[tag]?.shape.schema.enum ?? []) as readonly string[];
}
