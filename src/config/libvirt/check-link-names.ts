import { type DomainElement, descendant } from './domain-element.js';
import type { Places } from './places.js';

/**
 * Two links of one name: inside (with the names that interfaces without one get), or on the host.
 *
 * @param physical links of the host, which keep their names: their `<interface>` elements
 */
export function checkLinkNames(
  interfaces: readonly DomainElement[],
  physical: readonly DomainElement[],
  places: Places,
): void {
  checkUnique(
    interfaces.flatMap((link) => descendant(link, 'target') ?? []),
    places,
  );
  const guests = interfaces
    .flatMap((link) => descendant(link, 'guest') ?? [])
    .filter((guest) => guest.attributes.has('dev'));
  checkUnique([...guests, ...physical], places);
  const unnamed = interfaces.filter((link) => !descendant(link, 'guest')?.attributes.has('dev'));
  for (const guest of [...guests, ...physical]) {
    const name = nameOf(guest) ?? '';
    const number = /^eth(0|[1-9]\d{0,4})$/.exec(name)?.[1];
    const link = number === undefined ? undefined : unnamed[Number(number)];
    if (link === undefined) continue;
    const { report, at } = places;
    const line = report.lineOf(at(link));
    report.error(
      at(guest, 'dev'),
      `'${name}' is also the name that the interface of line ${line} gets`,
      'name that one, too',
    );
  }
}

/** The name is an attribute of an interface, and the text of a link of the host. */
function nameOf({ attributes, text }: DomainElement): string | undefined {
  return attributes.get('dev') ?? text;
}

function checkUnique(named: readonly DomainElement[], { report, at }: Places): void {
  const seen = new Map<string, DomainElement>();
  for (const element of named) {
    const name = nameOf(element);
    if (name === undefined) continue;
    const earlier = seen.get(name);
    if (earlier === undefined) seen.set(name, element);
    else report.error(at(element, 'dev'), `'${name}' is already the name in line ${report.lineOf(at(earlier, 'dev'))}`);
  }
}
