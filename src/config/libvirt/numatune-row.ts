import { type DomainElement, type DomainNode, descendant, isElement, makeElement } from './domain-element.js';
import { attribute, element, ignored, type Written } from './rows.js';
import { nodeList, oneOf } from './values.js';

function finishMemory(read: DomainElement, { element: source, report }: Written): DomainElement {
  const { attributes } = read;
  const nodeset = attributes.get('nodeset');
  const isAuto = attributes.get('placement') === 'auto';
  if (!isAuto && nodeset === undefined)
    report.error(source.offset, "<memory> of <numatune> needs the attribute 'nodeset', or placement='auto'");
  const place: [string, string] = isAuto ? ['placement', 'auto'] : ['nodeset', nodeset ?? ''];
  return { ...read, attributes: new Map([['mode', attributes.get('mode') ?? 'strict'], place]) };
}

/** `<numatune>`: which NUMA nodes the memory comes from. */
export const numatuneRow = element('numatune', 'placement of memory on NUMA nodes', {
  dropEmpty: true,
  children: [
    element('memory', 'where memory comes from', {
      attributes: [
        attribute('mode', 'how strictly', oneOf(['strict', 'preferred', 'interleave', 'restrictive']), {
          byDefault: 'strict',
        }),
        attribute('placement', '`static`; a start refuses `auto`, which asks numad', oneOf(['static', 'auto'])),
        attribute('nodeset', 'the nodes', nodeList),
      ],
      finish: finishMemory,
    }),
    ...ignored('memnode'),
  ],
});

/** libvirt asks numad for CPUs and memory together, where the text says so of one and nothing of the other. */
export function completeNumatune(domain: DomainElement): DomainElement {
  const vcpu = descendant(domain, 'vcpu');
  if (descendant(domain, 'numatune', 'memory')?.attributes.get('placement') === 'auto') {
    if (vcpu === undefined || vcpu.attributes.has('cpuset')) return domain;
    const automatic = { ...vcpu, attributes: new Map([...vcpu.attributes, ['placement', 'auto']]) };
    return { ...domain, children: domain.children.map((node) => (node === vcpu ? automatic : node)) };
  }
  const isAuto = vcpu?.attributes.get('placement') === 'auto';
  if (!isAuto || descendant(domain, 'numatune') !== undefined) return domain;
  const automatic = makeElement('numatune', {}, [makeElement('memory', { mode: 'strict', placement: 'auto' })]);
  const follows = (node: DomainNode) => isElement(node) && BEFORE.has(node.name);
  return { ...domain, children: domain.children.toSpliced(domain.children.findLastIndex(follows) + 1, 0, automatic) };
}

const BEFORE: ReadonlySet<string> = new Set('vcpu vcpus iothreads iothreadids defaultiothread cputune'.split(' '));
