import type { XmlElement } from '../xml-element.js';
import type { DomainNode, RawXml } from './domain-element.js';
import { escapeXmlAttribute } from './format-libvirt-xml.js';
import { formatKeptAddress } from './kept-address.js';

/** An element that is kept without being understood, in canonical layout where nothing is lost by it. */
export function keepElement(source: XmlElement): DomainNode {
  const hasText = source.text.trim() !== '';
  const isForeign =
    source.namespace !== undefined || source.attributes.some(({ namespace }) => namespace !== undefined);
  if (isForeign || (hasText && source.children.length > 0)) return rawElement(source);
  const attributes = new Map(source.attributes.map(({ name, value }) => [name, value]));
  return {
    name: source.name,
    attributes: source.name === 'address' ? formatKeptAddress(attributes) : attributes,
    children: source.children.map((child) => keepElement(child)),
    ...(hasText ? { text: source.text } : {}),
  };
}

/** The markup of an element byte for byte, with the namespace declarations it uses from elements around it. */
export function rawElement(source: XmlElement): RawXml {
  const tag = /^<[^\s/>]+/.exec(source.source)?.[0] ?? '';
  const declarations = [...source.inherited]
    .filter(([prefix]) => prefix !== 'xml' && !source.declared.includes(prefix) && isUsed(prefix, source.source))
    .map(([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}='${escapeXmlAttribute(uri)}'`);
  return { raw: `${tag}${declarations.join('')}${source.source.slice(tag.length)}` };
}

/** Whether a prefix occurs. Saying yes too often only prints a declaration too many. */
function isUsed(prefix: string, markup: string): boolean {
  if (prefix === '') return /<[^/!?:\s>]+[\s/>]/.test(markup);
  return [...'< \t\n"\''].some((before) => markup.includes(`${before}${prefix}:`));
}
