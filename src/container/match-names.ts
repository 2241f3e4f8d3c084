/** Patterns of names, as the front door's fnmatch(3) takes them. Pure. */

/** Whether a name is one of these, or fits one: `*`, `?`, `[…]`, `[!…]`. */
export function matchNames(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern === name || toExpression(pattern).test(name));
}

function toExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (part, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\[\]^]/g, '\\$&')}]`;
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[^\w]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // A range that ends before it begins.
    return /^(?!)/;
  }
}
