import { childrenOf, type DomainElement } from './domain-element.js';
import type { Places } from './places.js';

/** The kernel's bound since 4.15 (user_namespaces(7)). */
const MAX_RANGES = 340;
/** 4294967295 is no id: it is (uid_t)-1. */
const ID_END = 4294967295;

/** `<idmap>`: what libvirt demands of it, and what the kernel would refuse when the map is written. */
export function checkIdmap(idmap: DomainElement | undefined, places: Places): void {
  if (idmap === undefined) return;
  const { report, at } = places;
  for (const [kind, other] of [
    ['uid', 'gid'],
    ['gid', 'uid'],
  ] as const) {
    const ranges = childrenOf(idmap, kind);
    const first = ranges.toSorted(by('start'))[0];
    if (first === undefined) {
      if (childrenOf(idmap, other).length > 0)
        report.error(at(idmap), `<idmap> maps ${other}s but no ${kind}s: it must map both`);
      continue;
    }
    if (ranges.length > MAX_RANGES)
      report.error(at(idmap), `<idmap> has ${ranges.length} lines of <${kind}>: the kernel takes ${MAX_RANGES}`);
    if (first.attributes.has('start') && idOf(first, 'start') !== 0) {
      report.error(
        at(first, 'start'),
        `<idmap> must map root: the first <${kind}> must start at 0, not ${idOf(first, 'start')}`,
      );
    }
    checkEnds(ranges, places);
    checkOverlap(ranges, 'start', 'inside', places);
    checkOverlap(ranges, 'target', 'on the host', places);
  }
}

const idOf = (range: DomainElement, name: string) => Number(range.attributes.get(name) ?? Number.NaN);

const by = (name: string) => (a: DomainElement, b: DomainElement) => idOf(a, name) - idOf(b, name);

function checkEnds(ranges: readonly DomainElement[], { report, at }: Places): void {
  for (const range of ranges) {
    for (const name of ['start', 'target']) {
      if (idOf(range, name) + idOf(range, 'count') > ID_END) {
        report.error(
          at(range, 'count'),
          `the ${range.name} range from ${name} ${idOf(range, name)} goes beyond the last id, ${ID_END - 1}`,
        );
      }
    }
  }
}

function checkOverlap(
  ranges: readonly DomainElement[],
  name: 'start' | 'target',
  side: string,
  { report, at }: Places,
): void {
  const complete = ranges.filter((range) => range.attributes.has(name) && range.attributes.has('count'));
  const sorted = complete.toSorted(by(name));
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || idOf(range, name) + idOf(range, 'count') <= idOf(next, name)) continue;
    const [earlier, later] = at(range) < at(next) ? [range, next] : [next, range];
    report.error(
      at(later, name),
      `this ${range.name} range overlaps the one of line ${report.lineOf(at(earlier))} ${side}`,
    );
  }
}
