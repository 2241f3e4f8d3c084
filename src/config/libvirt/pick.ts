import { type DomainElement, descendant } from './domain-element.js';

/** Values of a domain that was read without errors: they are right, so these only pick them. */

/** An optional property: absent, not undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

export function textOf(element: DomainElement | undefined, ...path: readonly string[]): string | undefined {
  return descendant(element, ...path)?.text;
}

export function numberOf(element: DomainElement | undefined, ...path: readonly string[]): number | undefined {
  const text = textOf(element, ...path);
  return text === undefined ? undefined : Number(text);
}

/** An attribute of the element at the end of a path. */
export function attributeOf(
  element: DomainElement | undefined,
  name: string,
  ...path: readonly string[]
): string | undefined {
  return descendant(element, ...path)?.attributes.get(name);
}
