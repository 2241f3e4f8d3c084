/** What libvirt's elements cannot say stands in the extension, with its place in the one order of both. */

/** Members of both lists: those with an index at it, the others in their order in between. The indexes must fit (`misplaced`). */
export function placeAmong<T extends object>(
  plain: readonly T[],
  placed: readonly (T & { readonly index: number })[],
): readonly T[] {
  if (placed.length === 0) return plain;
  const at = new Map(placed.map(({ index, ...member }) => [index, member as unknown as T]));
  const rest = plain.values();
  return Array.from({ length: plain.length + placed.length }, (_, index) => at.get(index) ?? (rest.next().value as T));
}

/** The first place that is taken twice, or lies beyond the end. */
export function misplaced(plain: number, placed: readonly { readonly index: number }[]): number | undefined {
  const taken = new Set<number>();
  for (const { index } of placed) {
    if (taken.has(index) || index >= plain + placed.length) return index;
    taken.add(index);
  }
  return undefined;
}
