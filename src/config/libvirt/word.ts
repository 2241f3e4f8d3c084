import { childrenOf, type DomainElement, makeElement } from './domain-element.js';
import { type AttributeRow, attribute, type ElementRow, element, type ValueType } from './rows.js';
import { integer, oneOf, yesNo } from './values.js';

/**
 * Words of ctr's extension. One table for both ways: a word is the row of an element, and what its element is in the spec. A
 * field's key is that of the spec's property; what is absent there is absent here.
 */

/** Names ctr's extension of libvirt's format. libvirt keeps it in `<metadata>` and does not look inside. */
export const CTR_NAMESPACE = 'urn:ctr:container:1.0';

/** The prefix printed. Read is any prefix with this namespace. */
export const CTR_PREFIX = 'ctr';

export interface Word<T> {
  readonly row: ElementRow;
  readonly read: (element: DomainElement) => T;
  readonly write: (value: T) => DomainElement;
}

/** A property of an object that an element says: in an attribute, in its children, in its text. */
interface Field {
  readonly key: string;
  readonly attribute?: AttributeRow;
  readonly child?: ElementRow;
  readonly text?: ValueType;
  readonly read: (element: DomainElement) => unknown;
  readonly write: (value: unknown) => { readonly text: string } | readonly DomainElement[];
}

interface AttributeOptions {
  /** The property, where it is not the attribute's name. */
  readonly key?: string;
  readonly required?: boolean;
  readonly byDefault?: string;
}

type Scalar = string | number | boolean | readonly string[];

function attributeField(
  name: string,
  about: string,
  type: ValueType,
  { key = name, ...rest }: AttributeOptions,
  parse: (text: string) => Scalar,
  print: (value: unknown) => string,
): Field {
  return {
    key,
    attribute: attribute(name, about, type, rest),
    read: ({ attributes }) => {
      const text = attributes.get(name);
      return text === undefined ? undefined : parse(text);
    },
    write: (value) => ({ text: print(value) }),
  };
}

/** An attribute that is a text in the spec. */
export function text(name: string, about: string, type: ValueType, options: AttributeOptions = {}): Field {
  return attributeField(name, about, type, options, (written) => written, String);
}

/** An attribute that is a number in the spec. */
export function number(name: string, about: string, type: ValueType, options: AttributeOptions = {}): Field {
  return attributeField(name, about, type, options, Number, String);
}

/** Permissions: octal here, a number in the spec. */
export function mode(name: string, about: string, type: ValueType, options: AttributeOptions = {}): Field {
  const parse = (written: string) => Number.parseInt(written, 8);
  return attributeField(name, about, type, options, parse, (value) => `0${(value as number).toString(8)}`);
}

/** `yes` or `no`, a boolean in the spec. */
export function flag(name: string, about: string, options: AttributeOptions = {}): Field {
  const print = (value: unknown) => (value === true ? 'yes' : 'no');
  return attributeField(name, about, yesNo, options, (written) => written === 'yes', print);
}

/** Words with spaces between, a list in the spec. */
export function tokens(name: string, about: string, type: ValueType, options: AttributeOptions = {}): Field {
  const print = (value: unknown) => (value as readonly string[]).join(' ');
  return attributeField(name, about, listOf(type), options, splitTokens, print);
}

/** A number, as text where it does not fit one (64 bits). */
export function wide(name: string, about: string, type: ValueType, options: AttributeOptions = {}): Field {
  const parse = (written: string) => (Number.isSafeInteger(Number(written)) ? Number(written) : written);
  return attributeField(name, about, type, options, parse, String);
}

/** The element's text. */
export function content(key: string, type: ValueType): Field {
  return { key, text: type, read: (element) => element.text ?? '', write: (value) => ({ text: String(value) }) };
}

/** One child, absent where the property is. */
export function child<T>(key: string, word: Word<T>): Field {
  return {
    key,
    child: word.row,
    read: (element) => {
      const found = childrenOf(element, printedName(word.row))[0];
      return found === undefined ? undefined : word.read(found);
    },
    write: (value) => [word.write(value as T)],
  };
}

/** A child for each member of a list that the spec always has. */
export function children<T>(key: string, word: Word<T>): Field {
  return {
    key,
    child: { ...word.row, many: true },
    read: (element) => childrenOf(element, printedName(word.row)).map((one) => word.read(one)),
    write: (value) => (value as readonly T[]).map((one) => word.write(one)),
  };
}

/** An element that is an object in the spec. */
export function objectWord<T extends object>(
  name: string,
  about: string,
  fields: readonly Field[],
  options: Partial<ElementRow> = {},
): Word<T> {
  const textType = fields.find((field) => field.text !== undefined)?.text;
  const row = ownRow(name, about, {
    attributes: fields.flatMap((field) => field.attribute ?? []),
    children: fields.flatMap((field) => field.child ?? []),
    ...(textType === undefined ? {} : { text: textType }),
    ...options,
  });
  return {
    row,
    read: (source) => {
      const values = fields.map((field): [string, unknown] => [field.key, field.read(source)]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as T;
    },
    write: (value) => {
      const attributes: Record<string, string> = {};
      const inside: DomainElement[] = [];
      let written: string | undefined;
      for (const field of fields) {
        const property = (value as Readonly<Record<string, unknown>>)[field.key];
        if (property === undefined) continue;
        const said = field.write(property);
        if (!('text' in said)) inside.push(...said);
        else if (field.attribute !== undefined) attributes[field.attribute.name] = said.text;
        else written = said.text;
      }
      return makeElement(printedName(row), attributes, written ?? inside);
    },
  };
}

/** An element whose text is a text in the spec. */
export function textWord(name: string, about: string, type: ValueType): Word<string> {
  const row = ownRow(name, about, { text: type });
  return { row, read: (element) => element.text ?? '', write: (value) => makeElement(printedName(row), {}, value) };
}

/** An element whose text is a list of words. */
export function tokensWord(name: string, about: string, type: ValueType): Word<readonly string[]> {
  const words = textWord(name, about, listOf(type));
  return {
    ...words,
    read: (element) => splitTokens(words.read(element)),
    write: (value) => words.write(value.join(' ')),
  };
}

/** An element around the members of a list, so that an empty list is not the same as none. */
export function listWord<T>(name: string, about: string, member: Word<T>): Word<readonly T[]> {
  const list = objectWord<{ readonly members: readonly T[] }>(name, about, [children('members', member)]);
  return { row: list.row, read: (element) => list.read(element).members, write: (members) => list.write({ members }) };
}

/** `<ctr:NAME state='on'/>`. */
export function stateWord(name: string, about: string): Word<boolean> {
  const word = objectWord<{ readonly state: string }>(name, about, [
    text('state', `\`on\` or \`off\``, oneOf(['on', 'off']), { required: true }),
  ]);
  return {
    row: word.row,
    read: (element) => word.read(element).state === 'on',
    write: (value) => word.write({ state: value ? 'on' : 'off' }),
  };
}

/** Numbers that the spec can hold. */
export const count: ValueType = integer(0, Number.MAX_SAFE_INTEGER);

function ownRow(name: string, about: string, options: Partial<ElementRow>): ElementRow {
  return element(name, about, { namespace: CTR_NAMESPACE, prefix: CTR_PREFIX, ...options });
}

function printedName({ name }: ElementRow): string {
  return `${CTR_PREFIX}:${name}`;
}

function splitTokens(written: string): string[] {
  return written.split(' ').filter((token) => token !== '');
}

/** Any number of values of a type, with white space between. */
function listOf(type: ValueType): ValueType {
  return {
    label: `${type.label}; any number of them with spaces between`,
    read: (written) => {
      const canonical: string[] = [];
      for (const token of written.split(/\s+/).filter((part) => part !== '')) {
        const reading = type.read(token);
        if (!reading.ok) return reading;
        canonical.push(reading.canonical);
      }
      return { ok: true, canonical: canonical.join(' ') };
    },
  };
}
