/** Names of containers for a name server. */

/** Longest part of a name, RFC 1035. */
const MAX_LABEL = 63;
/** What means somebody else everywhere. */
const RESERVED = ['localhost', 'gateway', 'host'];

/** A container's name as one label: small letters, digits and hyphens between them. */
export function foldHostName(name: string): string {
  const folded = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, MAX_LABEL)
    .replace(/^-+|-+$/g, '');
  return folded === '' ? 'c' : folded;
}

/**
 * The name of a container among others: who comes later to one that folds to the same gets a number.
 *
 * @param before what it had, which it keeps while it folds to it
 */
export function chooseHostName(name: string, taken: ReadonlySet<string>, before?: string): string {
  const folded = foldHostName(name);
  const isFree = (candidate: string) => !taken.has(candidate) && !RESERVED.includes(candidate);
  const isOurs = before === folded || (before?.startsWith(`${folded.slice(0, MAX_LABEL - 6)}-`) ?? false);
  if (before !== undefined && isOurs && isFree(before)) return before;
  if (isFree(folded)) return folded;
  for (let number = 2; ; number += 1) {
    const candidate = `${folded.slice(0, MAX_LABEL - 6)}-${number}`;
    if (isFree(candidate)) return candidate;
  }
}
