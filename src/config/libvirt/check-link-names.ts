import { type DomainElement, descendant } from './domain-element.js';
import type { Places } from './places.js';

/** Two links of one name: inside (with the names that interfaces without one get), or on the host. */
export function checkLinkNames(interfaces: readonly DomainElement[], places: Places): void {
  checkUnique(
    interfaces.flatMap((link) => descendant(link, 'target') ?? []),
    places,
  );
  const guests = interfaces
    .flatMap((link) => descendant(link, 'guest') ?? [])
    .filter((guest) => guest.attributes.has('dev'));
  checkUnique(guests, places);
  const unnamed = interfaces.filter((link) => !descendant(link, 'guest')?.attributes.has('dev'));
  for (const guest of guests) {
    const name = guest.attributes.get('dev') ?? '';
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

function checkUnique(named: readonly DomainElement[], { report, at }: Places): void {
  const seen = new Map<string, DomainElement>();
  for (const element of named) {
    const name = element.attributes.get('dev');
    if (name === undefined) continue;
    const earlier = seen.get(name);
    if (earlier === undefined) seen.set(name, element);
    else report.error(at(element, 'dev'), `'${name}' is already the name in line ${report.lineOf(at(earlier, 'dev'))}`);
  }
}
