import type { ContainerSpec, NamespaceKind, NamespaceSource } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { LXC_NAMESPACE } from './sharing-row.js';
import { type PlacedNamespace, valueOfSource } from './words-resources.js';

/** Namespaces: `<lxc:namespace>` for what libvirt can share, the extension for the rest. */

const SHARED: Readonly<Partial<Record<NamespaceKind, string>>> = {
  net: 'lxc:sharenet',
  ipc: 'lxc:shareipc',
  uts: 'lxc:shareuts',
};

const TYPES: Readonly<Partial<Record<NamespaceSource['kind'], string>>> = {
  container: 'name',
  pid: 'pid',
  netns: 'netns',
};

interface Namespaces {
  /** `<lxc:namespace>`, where it has something to say. */
  readonly shared: DomainElement | undefined;
  /** What it cannot say; undefined where it says everything. */
  readonly others: readonly PlacedNamespace[] | undefined;
}

export function writeNamespaces({ namespaces }: ContainerSpec): Namespaces {
  if (namespaces === undefined) return { shared: undefined, others: undefined };
  const all = (Object.entries(namespaces) as [NamespaceKind, NamespaceSource][]).map(([of, source]) => ({
    of,
    source,
  }));
  const shared = all.flatMap((namespace) => writeShared(namespace) ?? []);
  const others = all.filter((namespace) => writeShared(namespace) === undefined);
  return {
    shared: shared.length === 0 ? undefined : makeElement('lxc:namespace', { 'xmlns:lxc': LXC_NAMESPACE }, shared),
    others: others.length === 0 && shared.length > 0 ? undefined : others,
  };
}

function writeShared({ of, source }: PlacedNamespace): DomainElement | undefined {
  const name = SHARED[of];
  const type = source.kind === 'netns' && of !== 'net' ? undefined : TYPES[source.kind];
  return name === undefined || type === undefined
    ? undefined
    : makeElement(name, { type, value: valueOfSource(source) });
}
