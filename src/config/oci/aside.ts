import type { ContainerSpec } from '../spec.js';

/** Properties without effect, which are kept as JSON under their path. */

type Kept = NonNullable<ContainerSpec['kept']>;

/** Sorted by path: a print has another order than the text. */
export function readKept(aside: readonly { readonly path: string; readonly value: unknown }[]): Kept | undefined {
  if (aside.length === 0) return undefined;
  return aside
    .map(({ path, value }) => ({ format: 'oci', key: path, value: JSON.stringify(value) }) as const)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Puts what is kept back at its path. Other formats' entries, and what is no path or no JSON, stay out. */
export function writeKept(config: Record<string, unknown>, kept: Kept = []): void {
  for (const { format, key, value } of kept) {
    const names = key.split('.');
    const last = names.pop();
    if (format !== 'oci' || last === undefined || !/^[A-Za-z.]+$/.test(key)) continue;
    let parent = config;
    for (const name of names) {
      const inside = Object.hasOwn(parent, name) ? parent[name] : undefined;
      const next = typeof inside === 'object' && inside !== null ? { ...inside } : {};
      parent[name] = next;
      parent = next as Record<string, unknown>;
    }
    const parsed = parseOrNothing(value);
    if (parsed !== undefined && !Object.hasOwn(parent, last)) parent[last] = parsed;
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
