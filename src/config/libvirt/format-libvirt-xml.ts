import { deriveMac } from '../mac.js';
import { type DomainElement, type DomainNode, descendant, isElement, makeElement } from './domain-element.js';

/** A carriage return as written would be read back as a newline. */
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

/** A text as libvirt escapes it. */
export function escapeXml(value: string): string {
  return value.replace(/[&<>"'\r]/g, (character) => REFERENCES[character] ?? character);
}

/** An attribute's value: a tab or newline in it would be read back as a space. */
export function escapeXmlAttribute(value: string): string {
  return escapeXml(value).replace(/[\t\n]/g, (character) => (character === '\t' ? '&#9;' : '&#10;'));
}

/** What a definition does not say and its print does. */
export interface Completion {
  readonly uuid?: string;
  readonly arch?: string;
}

/**
 * A domain as libvirt prints it: two spaces, single quotes, libvirt's order. Ends with a newline.
 *
 * @param options.uuid the container's: printed where the text has none, and interfaces without a MAC address get theirs
 *   (`deriveMac`), from the text's own uuid where it has one. Without this option only what the text says is printed.
 * @param options.arch the host's architecture, for a text that names none: libvirt fills it in on define
 */
export function formatDomain(domain: DomainElement, { uuid, arch }: Completion = {}): string {
  const lines: string[] = [];
  const withArch = arch === undefined ? domain : completeArch(domain, arch);
  printNode(uuid === undefined ? withArch : completeDomain(withArch, uuid), '', lines);
  return `${lines.join('\n')}\n`;
}

function completeArch(domain: DomainElement, arch: string): DomainElement {
  const os = descendant(domain, 'os');
  const type = descendant(os, 'type');
  if (os === undefined || type === undefined || type.attributes.has('arch')) return domain;
  const completed = { ...type, attributes: new Map([['arch', arch], ...type.attributes]) };
  const replaced = { ...os, children: os.children.map((node) => (node === type ? completed : node)) };
  return { ...domain, children: domain.children.map((node) => (node === os ? replaced : node)) };
}

function completeDomain(domain: DomainElement, givenUuid: string): DomainElement {
  const ownUuid = descendant(domain, 'uuid')?.text;
  const uuid = ownUuid ?? givenUuid;
  const children = domain.children.flatMap((node): readonly DomainNode[] => {
    if (!isElement(node)) return [node];
    if (node.name === 'devices') return [{ ...node, children: completeInterfaces(node.children, uuid) }];
    return node.name === 'name' && ownUuid === undefined ? [node, makeElement('uuid', {}, uuid)] : [node];
  });
  return { ...domain, children };
}

function completeInterfaces(devices: readonly DomainNode[], uuid: string): readonly DomainNode[] {
  let index = -1;
  return devices.map((device): DomainNode => {
    if (!isElement(device) || device.name !== 'interface') return device;
    index += 1;
    if (descendant(device, 'mac') !== undefined) return device;
    return { ...device, children: [makeElement('mac', { address: deriveMac(uuid, index) }), ...device.children] };
  });
}

function printNode(node: DomainNode, indent: string, lines: string[]): void {
  if (!isElement(node)) {
    lines.push(indent + node.raw);
    return;
  }
  const attributes = [...node.attributes].map(([name, value]) => ` ${name}='${escapeXmlAttribute(value)}'`);
  const tag = `${indent}<${node.name}${attributes.join('')}`;
  if (node.children.length > 0) {
    lines.push(`${tag}>`);
    for (const child of node.children) printNode(child, `${indent}  `, lines);
    lines.push(`${indent}</${node.name}>`);
  } else {
    lines.push(
      node.text === undefined || node.text === '' ? `${tag}/>` : `${tag}>${escapeXml(node.text)}</${node.name}>`,
    );
  }
}
