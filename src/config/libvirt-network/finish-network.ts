import { childrenOf, type DomainElement, descendant, isElement, makeElement } from '../libvirt/domain-element.js';
import type { Written } from '../libvirt/rows.js';

/** `<forward>`: the link stands as a child, too, as libvirt prints it; the attributes in libvirt's order. */
export function finishForward(read: DomainElement, { element: source, report }: Written): DomainElement {
  const interfaces = childrenOf(read, 'interface');
  const [first] = interfaces;
  const dev = read.attributes.get('dev') ?? first?.attributes.get('dev');
  const mode = read.attributes.get('mode') ?? 'nat';
  if (first !== undefined && dev !== first.attributes.get('dev'))
    report.error(source.offset, `<forward> names the link '${dev}', and <interface> '${first.attributes.get('dev')}'`);
  if (['nat', 'route'].includes(mode) && interfaces.length > 1)
    report.error(source.offset, `<forward mode='${mode}'> takes one <interface>`);
  if (mode === 'open' && dev !== undefined) report.error(source.offset, "<forward mode='open'> takes no link");
  if (mode !== 'nat' && descendant(read, 'nat') !== undefined)
    report.error(source.offset, `<nat> has no place in <forward mode='${mode}'>`);
  const ordered = [['dev', dev], ['mode', mode], ...read.attributes].filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const link = dev === undefined || first !== undefined ? [] : [makeElement('interface', { dev })];
  return { ...read, attributes: new Map(ordered), children: [...link, ...read.children] };
}

/** Rules over the parts of a network. */
export function finishNetwork(read: DomainElement, { element: source, report }: Written): DomainElement {
  const mode = descendant(read, 'forward')?.attributes.get('mode');
  const ips = childrenOf(read, 'ip');
  const bridge = descendant(read, 'bridge');
  if (mode === 'bridge') {
    if (ips.length > 0) report.error(source.offset, "<ip> has no place in a network with <forward mode='bridge'>");
    if (bridge === undefined && descendant(read, 'forward', 'interface') === undefined)
      report.error(source.offset, "<forward mode='bridge'> needs <bridge name='…'/>: a bridge of the host");
    for (const name of ['stp', 'delay'])
      if (bridge?.attributes.has(name) === true)
        report.error(source.offset, `attribute '${name}' of <bridge> has no place where the bridge is the host's`);
  }
  if (mode === 'open' && ips.length === 0 && descendant(read, 'forward') !== undefined)
    return completeBridge(read, mode);
  if ((mode === 'nat' || mode === 'route') && ips.length === 0)
    report.error(source.offset, `<forward mode='${mode}'> needs an <ip>: what is forwarded is what is in its network`);
  for (const family of ['ipv4', 'ipv6']) {
    const lenders = ips.filter(
      (ip) =>
        descendant(ip, 'dhcp') !== undefined &&
        (ip.attributes.get('address')?.includes(':') ? 'ipv6' : 'ipv4') === family,
    );
    if (lenders.length > 1) report.error(source.offset, `two <ip> of ${family} have <dhcp>: one can`);
  }
  const groups = childrenOf(read, 'portgroup');
  if (groups.filter(({ attributes }) => attributes.get('default') === 'yes').length > 1)
    report.error(source.offset, 'two <portgroup> are the default: one can be');
  const names = groups.map(({ attributes }) => attributes.get('name'));
  if (new Set(names).size < names.length) report.error(source.offset, 'two <portgroup> have one name');
  return completeBridge(read, mode);
}

/** What libvirt prints of a bridge of its own, whether the text says it or not. */
function completeBridge(read: DomainElement, mode: string | undefined): DomainElement {
  if (mode !== undefined && !['nat', 'route', 'open'].includes(mode)) return read;
  const bridge = descendant(read, 'bridge');
  const { name, zone, stp = 'on', delay = '0', ...rest } = Object.fromEntries(bridge?.attributes ?? []);
  const made = makeElement('bridge', { name, zone, stp, delay, ...rest });
  if (bridge !== undefined) return { ...read, children: read.children.map((node) => (node === bridge ? made : node)) };
  const before = read.children.findLastIndex(
    (node) => !isElement(node) || ['name', 'uuid', 'title', 'description', 'metadata', 'forward'].includes(node.name),
  );
  return { ...read, children: [...read.children.slice(0, before + 1), made, ...read.children.slice(before + 1)] };
}
