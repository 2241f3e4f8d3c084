import { createReport, type Diagnostic } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ContainerSpec } from '../spec.js';
import { normalizeXmlText, readXmlDocument } from '../xml-document.js';
import type { XmlElement } from '../xml-element.js';
import { checkDomain } from './check-domain.js';
import type { DomainElement } from './domain-element.js';
import { domainRow } from './domain-rows.js';
import { readElement } from './read-rows.js';
import { readSpec } from './read-spec.js';
import type { ElementRow } from './rows.js';

export interface ParsedDomain {
  readonly spec: ContainerSpec;
  readonly document: DomainElement;
}

/** Reads the text of a `<domain type='lxc'>`. Any text gives a domain or at least one error; nothing is thrown. */
export function parseLibvirtXml(
  text: string,
  file: string,
): { readonly domain?: ParsedDomain; readonly diagnostics: readonly Diagnostic[] } {
  const normalized = normalizeXmlText(text);
  const report = createReport(file, normalized);
  const root = readXmlDocument(normalized, report);
  if (root === undefined || !checkRoot(root, report)) return { diagnostics: report.diagnostics() };

  const origins = new Map<DomainElement, XmlElement>();
  const document = readElement(root, domainRow, { report, origins, homes: HOMES });
  if (document !== undefined) checkDomain(document, origins, report);
  const diagnostics = report.diagnostics();
  if (document === undefined || report.hasErrors()) return { diagnostics };
  return { domain: { spec: readSpec(document), document }, diagnostics };
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

const HOMES = findHomes();

/** Names that ctr reads, with the elements they belong in. */
function findHomes(): ReadonlyMap<string, readonly string[]> {
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
  visit(domainRow);
  return homes;
}
