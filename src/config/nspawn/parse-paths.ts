/** Paths as systemd takes them. */

/**
 * Absolute, without empty and `.` components; undefined for a relative one or one with `..`.
 */
export function simplifyPath(path: string): string | undefined {
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  return path.startsWith('/') && !components.includes('..') ? `/${components.join('/')}` : undefined;
}

/** Whether a path is absolute and as short as it can be; a slash at its end does not matter. */
export function isNormalPath(path: string): boolean {
  const simple = simplifyPath(path);
  return simple !== undefined && (path === simple || path === `${simple}/`);
}

/** Whether a source of a mount is absolute; `+` before it makes it one of the container's root. */
export function isSource(path: string): boolean {
  return /^\+?\//.test(path);
}

/** Order of mounting: component by component, so a directory comes before what is in it. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [first = '', second = ''] = [a[index], b[index]];
    if (first !== second) return first < second ? -1 : 1;
  }
  return a.length - b.length;
}

/** The components of a path, for `comparePaths`. */
export function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '');
}
