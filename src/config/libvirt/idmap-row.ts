import { childrenOf, type DomainElement } from './domain-element.js';
import { attribute, type ElementRow, element } from './rows.js';
import { integer } from './values.js';

const ID = integer(0, 4294967294);

function idRange(name: 'uid' | 'gid'): ElementRow {
  const required = { required: true };
  return element(name, `one line of ${name}_map; at most 340, none overlapping, one from 0`, {
    many: true,
    attributes: [
      attribute('start', 'first id inside', ID, required),
      attribute('target', 'first id on the host', ID, required),
      attribute('count', 'how many', integer(1, 4294967295), required),
    ],
  });
}

/** libvirt sorts each kind by its first id inside. */
function sortRanges(read: DomainElement): DomainElement {
  const start = (range: DomainElement) => Number(range.attributes.get('start'));
  const sorted = ['uid', 'gid'].flatMap((kind) => childrenOf(read, kind).toSorted((a, b) => start(a) - start(b)));
  return { ...read, children: sorted };
}

/** `<idmap>`: the maps of a user namespace. */
export const idmapRow = element('idmap', 'own user namespace; what is on disk stays as it is', {
  dropEmpty: true,
  children: [idRange('uid'), idRange('gid')],
  finish: sortRanges,
});
