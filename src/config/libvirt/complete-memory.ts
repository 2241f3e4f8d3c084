import { type DomainElement, type DomainNode, descendant, isElement, makeElement } from './domain-element.js';
import type { Written } from './rows.js';

/** libvirt takes 0 as nothing said. */
function writtenAmount(domain: DomainElement): string | undefined {
  const text = descendant(domain, 'currentMemory')?.text;
  return text === '0' ? undefined : text;
}

/** The `finish` of `<domain>`: `currentMemory` is at most `memory`, and the same where the text has none. */
export function completeMemory(domain: DomainElement, { element: source, report }: Written): DomainElement {
  const total = descendant(domain, 'memory')?.text ?? '0';
  const current = writtenAmount(domain) ?? total;
  const written = source.children.find(({ name }) => name === 'currentMemory');
  if (written !== undefined && Number(current) > Number(total)) {
    report.warning(written.textOffset, `<currentMemory> is more than <memory>, and becomes the same: ${total} KiB`);
  } else if (Number(current) < Number(total) && written !== undefined) {
    report.warning(written.textOffset, '<currentMemory> is kept, without effect: <memory> is the limit');
  }
  const kept = String(Math.min(Number(current), Number(total)));
  const completed = makeElement('currentMemory', { unit: 'KiB' }, kept);
  const children = domain.children.flatMap((node): readonly DomainNode[] => {
    if (!isElement(node)) return [node];
    if (node.name === 'currentMemory') return [];
    return node.name === 'memory' ? [node, completed] : [node];
  });
  return { ...domain, children };
}
