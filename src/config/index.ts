/** Configuration: text in, `ContainerSpec` out, and back. Pure: no file is read or written here. */

import type { Diagnostic } from './diagnostics.js';
import { formatDomain } from './libvirt/format-libvirt-xml.js';
import { type ParsedDomain, parseLibvirtXml } from './libvirt/parse-libvirt-xml.js';
import { writeSpec } from './libvirt/write-spec.js';
import type { ConfigFormat, ContainerSpec } from './spec.js';

export type { Diagnostic } from './diagnostics.js';
export { givesUp } from './gives-up.js';
export { describeLibvirtXml } from './libvirt/describe-libvirt-xml.js';
export { deriveMac } from './mac.js';
export { isContainerName, NAME_RULE } from './name.js';
export { renderDiagnostics } from './render-diagnostics.js';
export type * from './spec.js';

/** What a text defines: the spec, and what only the printer needs (kept elements, canonical values). Plain data. */
export type Definition = ParsedDomain;

export type ParseResult =
  | { readonly ok: true; readonly definition: Definition; readonly warnings: readonly Diagnostic[] }
  /** At least one is an error; warnings are among them. In the order of the text. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a configuration. All faults of the text come together, each with its place; nothing is thrown.
 *
 * @param options.file names the text in the diagnostics
 * @param options.format the only one so far, and the default: libvirt's `<domain type='lxc'>`
 */
export function parseDefinition(
  text: string,
  options: { readonly file: string; readonly format?: ConfigFormat },
): ParseResult {
  const { domain, diagnostics } = parseLibvirtXml(text, options.file);
  return domain === undefined ? { ok: false, diagnostics } : { ok: true, definition: domain, warnings: diagnostics };
}

/**
 * A definition in libvirt's canonical form, as `virsh dumpxml --inactive` prints it. Ends with a newline.
 *
 * @param options.uuid the container's: printed where the text has none, and interfaces without a MAC address get theirs
 *   (`deriveMac`). Without it only what the text says is printed, and reading the print gives the same definition.
 */
export function formatLibvirtXml(definition: Definition, options: { readonly uuid?: string } = {}): string {
  return formatDomain(definition.document, options);
}

/** The definition of a spec that was made by a program, checked by the same rules as a text. */
export function defineSpec(spec: ContainerSpec): ParseResult {
  return parseDefinition(formatDomain(writeSpec(spec)), { file: spec.name });
}
