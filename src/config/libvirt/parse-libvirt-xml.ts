import { createReport, type Diagnostic } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import type { ContainerSpec } from '../spec.js';
import { normalizeXmlText, readXmlDocument } from '../xml-document.js';
import type { XmlElement } from '../xml-element.js';
import { checkDomain } from './check-domain.js';
import type { DomainElement } from './domain-element.js';
import { domainRow } from './domain-rows.js';
import { type Completion, formatDomain } from './format-libvirt-xml.js';
import { type Overrides, overrideDomain } from './override-domain.js';
import { readElement } from './read-rows.js';
import { readSpec } from './read-spec.js';
import type { ElementRow } from './rows.js';
import { writeSpec } from './write-spec.js';

export interface ParsedDomain {
  readonly spec: ContainerSpec;
  readonly document: DomainElement;
}

/**
 * Reads the text of a `<domain type='lxc'>`. Any text gives a domain or at least one error; nothing is thrown.
 *
 * @param overrides name and root directory instead of those of the text
 */
export function parseLibvirtXml(
  text: string,
  file: string,
  overrides: Overrides = {},
): { readonly domain?: ParsedDomain; readonly diagnostics: readonly Diagnostic[] } {
  const normalized = normalizeXmlText(text);
  const report = createReport(file, normalized);
  const root = readXmlDocument(normalized, report);
  if (root === undefined || !checkRoot(root, report)) return { diagnostics: report.diagnostics() };

  const origins = new Map<DomainElement, XmlElement>();
  const document = readElement(overrideDomain(root, overrides), domainRow, { report, origins, homes: HOMES });
  if (document !== undefined) checkDomain(document, origins, report);
  const diagnostics = report.diagnostics();
  if (document === undefined || report.hasErrors()) return { diagnostics };
  return { domain: { spec: readSpec(document), document }, diagnostics };
}

/** What the format offers to `convert` and `define`. Pure; `options.sources` is not asked: this format names no other files. */
export function readLibvirt(text: string, options: ReadOptions): ReadResult {
  const { domain, diagnostics } = parseLibvirtXml(text, options.file, options);
  return domain === undefined ? { diagnostics } : { definition: domain, diagnostics };
}

/**
 * A spec as libvirt's XML; what libvirt has no word for stands in ctr's extension. Reading it gives the same spec, less the `kept`
 * entries of other formats, where the spec is one that a text can say; else its faults.
 *
 * @param options.uuid the container's: printed where the spec has none, with the MAC addresses that come from it
 */
export function formatLibvirt(spec: ContainerSpec, options: Completion = {}): string {
  const domain = formatDomain(writeSpec(spec));
  const read = parseLibvirtXml(domain, spec.name).domain;
  return read === undefined ? domain : formatDomain(read.document, options);
}

function checkRoot(root: XmlElement, report: ReturnType<typeof createReport>): boolean {
  if (root.name !== 'domain' || root.namespace !== undefined) {
    report.error(root.offset, `the root element must be <domain>, not <${quote(root.name).slice(1, -1)}>`);
    return false;
  }
  const type = root.attributes.find(({ name }) => name === 'type');
  // Another hypervisor's domain would only give a long list of what does not fit
  if (type === undefined || type.value === 'lxc') return true;
  report.error(type.valueOffset, `attribute 'type' of <domain> must be 'lxc', not ${quote(type.value)}`);
  return false;
}

const HOMES = findHomes(domainRow);

/** Names that ctr reads, with the elements they belong in. */
export function findHomes(root: ElementRow): ReadonlyMap<string, readonly string[]> {
  const homes = new Map<string, string[]>();
  const visit = (row: ElementRow) => {
    const shapes = [row, ...Object.values(row.variants?.shapes ?? {})];
    for (const child of new Set(shapes.flatMap(({ children }) => children))) {
      if (child.namespace !== undefined || child.standing !== 'used') continue;
      const known = homes.get(child.name) ?? [];
      if (!known.includes(row.name)) homes.set(child.name, [...known, row.name]);
      visit(child);
    }
  };
  visit(root);
  return homes;
}
