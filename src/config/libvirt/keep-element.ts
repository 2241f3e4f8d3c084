import type { XmlElement } from '../xml-document.js';
import type { DomainNode, RawXml } from './domain-element.js';
import { escapeXml } from './format-libvirt-xml.js';

/** An element that is kept without being understood, in canonical layout where nothing is lost by it. */
export function keepElement(source: XmlElement): DomainNode {
  const hasText = source.text.trim() !== '';
  const isForeign = source.namespace !== undefined || source.attributes.some(({ namespace }) => namespace !== undefined);
  if (isForeign || (hasText && source.children.length > 0)) return rawElement(source);
  return {
    name: source.name,
    attributes: new Map(source.attributes.map(({ name, value }) => [name, value])),
    children: source.children.map((child) => keepElement(child)),
    ...(hasText ? { text: source.text } : {}),
  };
}

/** The markup of an element byte for byte, with the namespace declarations it uses from elements around it. */
export function rawElement(source: XmlElement): RawXml {
  const tag = /^<[^\s/>]+/.exec(source.source)?.[0] ?? '';
  const rest = source.source.slice(tag.length);
  const declarations = [...source.prefixes]
    .filter(([prefix]) => prefix !== 'xml' && isUsed(prefix, source.source) && !isDeclared(prefix, source.source))
    .map(([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}='${escapeXml(uri)}'`);
  return { raw: `${tag}${declarations.join('')}${rest}` };
}

function isUsed(prefix: string, markup: string): boolean {
  return prefix === '' ? /<[^/!?:\s>]+[\s/>]/.test(markup) : markup.includes(`<${prefix}:`) || markup.includes(` ${prefix}:`);
}

function isDeclared(prefix: string, markup: string): boolean {
  const startTag = markup.slice(0, markup.indexOf('>') + 1);
  return new RegExp(prefix === '' ? String.raw`\sxmlns\s*=` : String.raw`\sxmlns:${escapeRegExp(prefix)}\s*=`).test(startTag);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
