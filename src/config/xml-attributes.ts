import type { Report } from './diagnostics.js';
import { quote } from './display-text.js';
import type { XmlAttribute } from './xml-element.js';
import { decodeReferences, type ElementSpan } from './xml-scan.js';

/** An attribute before its prefix is known to mean anything. */
export interface WrittenAttribute {
  readonly qualified: string;
  readonly value: string;
  readonly offset: number;
  readonly valueOffset: number;
}

/** The attributes of a start tag whose syntax was judged right; undefined where they cannot be followed to its end. */
export function readWrittenAttributes(text: string, span: ElementSpan): WrittenAttribute[] | undefined {
  const attribute = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  const attributes: WrittenAttribute[] = [];
  attribute.lastIndex = span.offset + 1 + span.name.length;
  let end = attribute.lastIndex;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    end = attribute.lastIndex;
    const [whole, qualified = '', double, single] = match;
    const raw = double ?? single ?? '';
    attributes.push({
      qualified,
      // XML 1.0 section 3.3.3: white space as written becomes spaces; by reference it stays
      value: decodeReferences(raw.replace(/[\t\n]/g, ' ')),
      offset: match.index + whole.search(/\S/),
      valueOffset: end - 1 - raw.length,
    });
  }
  return /^\s*\/?>$/.test(text.slice(end, span.tagEnd)) ? attributes : undefined;
}

/** Prefixes and their URIs; '' for a default namespace. */
export function readDeclarations(written: readonly WrittenAttribute[]): ReadonlyMap<string, string> {
  return new Map(
    written.flatMap(({ qualified, value }): [string, string][] => {
      if (qualified === 'xmlns') return [['', value]];
      return qualified.startsWith('xmlns:') ? [[qualified.slice('xmlns:'.length), value]] : [];
    }),
  );
}

/** Namespaces in XML 1.0: a default namespace holds for elements only. An undeclared prefix stays part of the name. */
export function resolveName(
  qualified: string,
  offset: number,
  prefixes: ReadonlyMap<string, string>,
  isElement: boolean,
  report: Report,
): Pick<XmlAttribute, 'name' | 'namespace'> {
  const colon = qualified.indexOf(':');
  const prefix = colon === -1 ? '' : qualified.slice(0, colon);
  if (prefix === '' && !isElement) return { name: qualified, namespace: undefined };
  const namespace = prefixes.get(prefix);
  if (namespace !== undefined && namespace !== '') return { name: qualified.slice(colon + 1), namespace };
  if (prefix !== '') report.error(offset, `the prefix ${quote(prefix)} is declared nowhere`, `declare it: xmlns:…='…'`);
  return { name: qualified, namespace: undefined };
}

/** The attributes with their namespaces, without the declarations. */
export function resolveAttributes(
  written: readonly WrittenAttribute[],
  prefixes: ReadonlyMap<string, string>,
  report: Report,
): XmlAttribute[] {
  return written.flatMap(({ qualified, value, offset, valueOffset }) => {
    if (qualified === 'xmlns' || qualified.startsWith('xmlns:')) return [];
    const { name, namespace } = resolveName(qualified, offset, prefixes, false, report);
    return [{ name, namespace, value, offset, valueOffset }];
  });
}
