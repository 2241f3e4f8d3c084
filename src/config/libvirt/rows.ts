import type { Report } from '../diagnostics.js';
import type { XmlElement } from '../xml-element.js';
import type { DomainElement } from './domain-element.js';

/**
 * The language of a domain as tables: each element and attribute is one row that says its type, default, place and what `ctr`
 * does with it. The reader, the printer's order and the reference page all come from these rows.
 */

/**
 * - `used`: ctr acts on it, or it needs no acting (a title).
 * - `ignored`: libvirt accepts it and its LXC driver does nothing with it: kept, printed back, warned about.
 * - `live`: what libvirt prints about a running domain: dropped on define, as libvirt does, with a warning.
 * - `refused`: ctr cannot do it: kept, printed back, and a start refuses the container (`find-refusals.ts` says why).
 * - `kept`: belongs to something ignored or refused: kept, and the remark about that one is enough.
 */
export type Standing = 'used' | 'ignored' | 'live' | 'refused' | 'kept';

export type Reading =
  | { readonly ok: true; readonly canonical: string; readonly warning?: string }
  | { readonly ok: false; readonly reason?: string; readonly hint?: string };

/** The type of an attribute's value or an element's text. */
export interface ValueType {
  /** Completes "must be …": `a number from 1 to 9`. */
  readonly label: string;
  /** Canonical text of a value. Without `reason` the message is "must be <label>, not '<value>'". Never throws. */
  readonly read: (text: string) => Reading;
}

export interface AttributeRow {
  readonly name: string;
  readonly about: string;
  readonly standing: Standing;
  readonly type: ValueType;
  readonly required: boolean;
  readonly byDefault?: string;
}

export interface Shape {
  readonly attributes: readonly AttributeRow[];
  /** In canonical order. */
  readonly children: readonly ElementRow[];
}

/** Shapes chosen by the value of one attribute. */
export interface Variants {
  readonly attribute: string;
  /** Absent: the attribute is required. */
  readonly byDefault?: string;
  readonly shapes: Readonly<Record<string, Variant>>;
}

export interface Variant extends Shape {
  readonly about: string;
  /** Set where a start refuses this variant: why. */
  readonly refusal?: string;
}

/** What a `finish` may ask about the element as written. */
export interface Written {
  readonly element: XmlElement;
  /** Offset of an attribute's value; of the element where the text has no such attribute. */
  attributeOffset(name: string): number;
  readonly report: Report;
}

export interface ElementRow extends Shape {
  readonly name: string;
  readonly namespace?: string;
  /** Printed before the name, where the row has a namespace. */
  readonly prefix?: string;
  readonly about: string;
  readonly standing: Standing;
  readonly many: boolean;
  readonly required: boolean;
  /** The element's text; absent: it takes none. */
  readonly text?: ValueType;
  readonly variants?: Variants;
  /** The element that stands for a missing one. */
  readonly byDefault?: string;
  /** Not printed when nothing is inside. */
  readonly dropEmpty: boolean;
  /** Children of other namespaces are kept byte for byte. */
  readonly foreign: boolean;
  /** Rules over several values of one element, and canonical forms that need them. Called only when each single value is right. */
  readonly finish?: (element: DomainElement, written: Written) => DomainElement | undefined;
}

type ElementOptions = Partial<Omit<ElementRow, 'name' | 'about'>>;

/** A row for an element that ctr reads. */
export function element(name: string, about: string, options: ElementOptions = {}): ElementRow {
  return {
    name,
    about,
    standing: 'used',
    many: false,
    required: false,
    attributes: [],
    children: [],
    dropEmpty: false,
    foreign: false,
    ...options,
  };
}

/** Rows for elements that libvirt accepts and its LXC driver ignores. What is inside them is kept as it is. */
export function ignored(...names: readonly string[]): ElementRow[] {
  return names.map((name) => element(name, 'no effect in a container', { standing: 'ignored', many: true }));
}

/** A row for an element that a start refuses; `about` completes "asks for". Without a shape what is inside is kept as it is. */
export function refused(name: string, about: string, options: ElementOptions = {}): ElementRow {
  return element(name, about, { standing: 'refused', ...options });
}

/** Rows for what stands inside something ignored or refused. */
export function kept(...names: readonly string[]): ElementRow[] {
  return names.map((name) => element(name, 'kept', { standing: 'kept', many: true }));
}

/** Whether a row says what is inside its element. */
export function hasShape({ attributes, children, text, finish }: ElementRow): boolean {
  return attributes.length > 0 || children.length > 0 || text !== undefined || finish !== undefined;
}

/** A row for what libvirt prints about a running domain. */
export function live(name: string, about: string): ElementRow {
  return element(name, about, { standing: 'live', many: true });
}

/** A row for an attribute. */
export function attribute(
  name: string,
  about: string,
  type: ValueType,
  options: Partial<Omit<AttributeRow, 'name' | 'about' | 'type'>> = {},
): AttributeRow {
  return { name, about, type, standing: 'used', required: false, ...options };
}

const ANY: ValueType = { label: 'text', read: (text) => ({ ok: true, canonical: text }) };

/** Rows for attributes that are kept without effect. */
export function ignoredAttributes(...names: readonly string[]): AttributeRow[] {
  return names.map((name) => attribute(name, 'no effect in a container', ANY, { standing: 'ignored' }));
}

/** A row for an attribute that libvirt prints about a running domain. */
export function liveAttribute(name: string, about: string): AttributeRow {
  return attribute(name, about, ANY, { standing: 'live' });
}

/** Rows for attributes of something ignored or refused. */
export function keptAttributes(...names: readonly string[]): AttributeRow[] {
  return names.map((name) => attribute(name, 'kept', ANY, { standing: 'kept' }));
}
