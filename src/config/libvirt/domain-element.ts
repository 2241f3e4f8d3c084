/**
 * A domain in libvirt's canonical form, as a tree: known elements in canonical order with canonical values, defaults filled in.
 * Plain data: two definitions are equal when these are.
 */
export interface DomainElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly DomainNode[];
  readonly text?: string;
}

/** Markup of others (metadata, foreign namespaces), byte for byte, with the namespace declarations it needs. */
export interface RawXml {
  readonly raw: string;
}

export type DomainNode = DomainElement | RawXml;

export function isElement(node: DomainNode): node is DomainElement {
  return 'name' in node;
}

/** The children of one name; all elements without one. */
export function childrenOf(element: DomainElement | undefined, name?: string): readonly DomainElement[] {
  if (element === undefined) return [];
  return element.children.filter(
    (node): node is DomainElement => isElement(node) && (name === undefined || node.name === name),
  );
}

/** The first element along a path of names. */
export function descendant(element: DomainElement | undefined, ...path: readonly string[]): DomainElement | undefined {
  return path.reduce<DomainElement | undefined>((at, name) => childrenOf(at, name)[0], element);
}

/** Makes an element; undefined attributes and children are left out. */
export function makeElement(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  content: string | readonly (DomainNode | undefined)[] = [],
): DomainElement {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const element = { name, attributes: new Map(present.map(([key, value]) => [key, String(value)])) };
  return typeof content === 'string'
    ? { ...element, children: [], text: content }
    : { ...element, children: content.filter((child) => child !== undefined) };
}
