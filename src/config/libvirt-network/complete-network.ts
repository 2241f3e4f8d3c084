import { type DomainElement, type DomainNode, descendant, isElement, makeElement } from '../libvirt/domain-element.js';

/** What ctr chooses where the text of a network says nothing. */
export interface NetworkChoices {
  readonly uuid: string;
  /** Name of the bridge. */
  readonly bridge: string;
  /** MAC address of the bridge. */
  readonly mac: string;
}

/** The canonical network with the choices in their places. A network by a bridge of the host gets a uuid alone. */
export function completeNetwork(document: DomainElement, { uuid, bridge, mac }: NetworkChoices): DomainElement {
  const named = withAfter(document, makeElement('uuid', {}, uuid), ['name']);
  const element = descendant(named, 'bridge');
  const mode = descendant(named, 'forward')?.attributes.get('mode');
  if (mode !== undefined && !['nat', 'route', 'open'].includes(mode)) return named;
  const own = element ?? makeElement('bridge', { stp: 'on', delay: '0' });
  const made = { ...own, attributes: new Map([['name', bridge], ...own.attributes]) };
  const bridged = {
    ...named,
    children: named.children.map((node): DomainNode => (node === element ? made : node)),
  };
  return withAfter(bridged, makeElement('mac', { address: mac }), [
    'name',
    'uuid',
    'title',
    'description',
    'metadata',
    'forward',
    'bridge',
    'mtu',
  ]);
}

/** With an element behind the last of some, unless one of its name is there. */
function withAfter(parent: DomainElement, added: DomainElement, before: readonly string[]): DomainElement {
  if (descendant(parent, added.name) !== undefined) return parent;
  const at = parent.children.findLastIndex((node) => !isElement(node) || before.includes(node.name));
  return { ...parent, children: [...parent.children.slice(0, at + 1), added, ...parent.children.slice(at + 1)] };
}
