/** Limits of a spec in a libvirt domain that stays as it is otherwise: others' elements, kept ones, comments of metadata. Pure. */
import { childrenOf, type DomainElement, type DomainNode, descendant, isElement } from '../libvirt/domain-element.js';
import { writeSpec } from '../libvirt/write-spec.js';
import type { ContainerSpec } from '../spec.js';

/** Children of these elements that say limits; undefined: the whole element does. */
const PARTS: Readonly<Record<string, readonly string[] | undefined>> = {
  memory: undefined,
  memtune: ['hard_limit', 'soft_limit', 'swap_hard_limit'],
  cputune: ['shares', 'period', 'quota'],
  blkiotune: ['weight', 'device'],
  numatune: ['memory'],
};
const EXTENSION = 'ctr:container';
const EXTENSION_PARTS: readonly string[] = ['ctr:memory', 'ctr:pids', 'ctr:cgroup-files'];

/** The domain with the limits of the spec. Its children are not in canonical order: who prints it reads the print again. */
export function withDomainLimits(document: DomainElement, spec: ContainerSpec): DomainElement {
  const fresh = writeSpec(spec);
  // It follows `memory` again where the domain has none.
  const others = document.children.filter(
    (node) => !isNamed(node, 'currentMemory', 'vcpu', 'metadata', ...Object.keys(PARTS)),
  );
  const parts = Object.entries(PARTS).map(([name, said]) =>
    said === undefined
      ? descendant(fresh, name)
      : withChildren(descendant(document, name) ?? descendant(fresh, name), descendant(fresh, name), said),
  );
  const metadata = withMetadata(descendant(document, 'metadata'), descendant(fresh, 'metadata'));
  const children = [...others, ...parts, withCpus(document, spec.cpu.cpuset), metadata];
  return { ...document, children: children.filter((node) => node !== undefined) };
}

function isNamed(node: DomainNode, ...names: readonly string[]): boolean {
  return isElement(node) && names.includes(node.name);
}

/** An element with these children as another has them. */
function withChildren(
  element: DomainElement | undefined,
  fresh: DomainElement | undefined,
  names: readonly string[],
): DomainElement | undefined {
  if (element === undefined) return undefined;
  const kept = element.children.filter((node) => !isNamed(node, ...names));
  const children = [...kept, ...childrenOf(fresh).filter(({ name }) => names.includes(name))];
  return children.length === 0 ? undefined : { ...element, children };
}

function withCpus(document: DomainElement, cpuset: string | undefined): DomainElement | undefined {
  const vcpu = descendant(document, 'vcpu');
  if (vcpu === undefined) return undefined;
  const attributes = [...vcpu.attributes].filter(([name]) => name !== 'cpuset');
  return {
    ...vcpu,
    attributes: new Map([...attributes, ...(cpuset === undefined ? [] : [['cpuset', cpuset] as const])]),
  };
}

function withMetadata(old: DomainElement | undefined, fresh: DomainElement | undefined): DomainElement | undefined {
  const extension = descendant(fresh, EXTENSION);
  const before = descendant(old, EXTENSION);
  const ours = withChildren(before ?? extension, extension, EXTENSION_PARTS);
  const others = (old?.children ?? []).filter((node) => !isNamed(node, EXTENSION));
  const base = old ?? fresh;
  const children = [...others, ...(ours === undefined ? [] : [ours])];
  return base === undefined || children.length === 0 ? undefined : { ...base, children };
}
