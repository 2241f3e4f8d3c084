import { createReport, type Diagnostic } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { DomainElement } from '../libvirt/domain-element.js';
import { formatDomain } from '../libvirt/format-libvirt-xml.js';
import { findHomes } from '../libvirt/parse-libvirt-xml.js';
import { readElement } from '../libvirt/read-rows.js';
import type { NetworkSpec } from '../spec-networks.js';
import { normalizeXmlText, readXmlDocument } from '../xml-document.js';
import { networkRow } from './network-rows.js';
import { readNetworkSpec } from './read-network-spec.js';

export interface ParsedNetwork {
  readonly spec: NetworkSpec;
  /** Canonical, as libvirt prints it. */
  readonly document: DomainElement;
}

const HOMES = findHomes(networkRow);

/** Reads the text of a `<network>`. Any text gives a network or at least one error; nothing is thrown. */
export function parseNetworkXml(
  text: string,
  file: string,
): { readonly network?: ParsedNetwork; readonly diagnostics: readonly Diagnostic[] } {
  const normalized = normalizeXmlText(text);
  const report = createReport(file, normalized);
  const root = readXmlDocument(normalized, report);
  if (root === undefined) return { diagnostics: report.diagnostics() };
  if (root.name !== 'network' || root.namespace !== undefined) {
    report.error(root.offset, `the root element must be <network>, not <${quote(root.name).slice(1, -1)}>`);
    return { diagnostics: report.diagnostics() };
  }
  const document = readElement(root, networkRow, { report, origins: new Map(), homes: HOMES });
  const diagnostics = report.diagnostics();
  if (document === undefined || report.hasErrors()) return { diagnostics };
  return { network: { spec: readNetworkSpec(document), document }, diagnostics };
}

/** libvirt's text of a network. Ends with a newline. */
export function formatNetworkXml(document: DomainElement): string {
  return formatDomain(document);
}
