/** Whether mounts that lie on each other change places. Pure, and linear in the number of mounts. */

type Plain = Readonly<Record<string, unknown>>;

/** Paths inside that a mount needs or covers: its target, and what it shows of the root. */
function pathsOf(filesystem: Plain): string[] {
  const { type, target, source, lowers, upper } = filesystem;
  const layers = [...(Array.isArray(lowers) ? lowers : []), upper].map((path) => String(path ?? ''));
  const inside = [
    ...(type === 'bind' ? [String(source)] : []),
    ...layers.filter((path) => path.startsWith('+')).map((path) => path.slice(1)),
  ];
  return [String(target), ...inside];
}

/** The path itself and all above it: `/a/b`, `/a`. The root is below everything anyway. */
function withParents(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  // Deeper ones than the kernel takes are refused elsewhere.
  return parts.slice(0, 256).map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/**
 * Whether a mount comes before another one that it came behind, where one of both lies below the other or shows it.
 *
 * @param before by what tells them apart, in order
 * @param after likewise
 */
export function changesOrder(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): boolean {
  const places = new Map([...after.keys()].map((key, index) => [key, index]));
  /** By target: the latest place that one of those so far has. */
  const latest = new Map<string, number>();
  /** By a path and all above: likewise of whatever lies there. */
  const latestBelow = new Map<string, number>();
  for (const [key, filesystem] of before) {
    const place = places.get(key);
    if (place === undefined) continue;
    const paths = pathsOf(filesystem as Plain).map((path) => withParents(path));
    const own = paths.map((parents) => parents.at(-1) ?? '/');
    const isBehind = (known: number | undefined) => known !== undefined && known > place;
    if (paths.some((parents) => parents.some((path) => isBehind(latest.get(path))))) return true;
    if (own.some((path) => isBehind(latestBelow.get(path)))) return true;
    raise(latest, [own[0] ?? '/'], place);
    raise(latestBelow, paths.flat(), place);
  }
  return false;
}

function raise(places: Map<string, number>, paths: readonly string[], place: number): void {
  for (const path of paths) places.set(path, Math.max(places.get(path) ?? -1, place));
}
