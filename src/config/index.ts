/** Configuration: text in, `ContainerSpec` out, and back. Pure: no file is read or written here. */

import type { TextFormat } from './detect-format.js';
import type { Diagnostic } from './diagnostics.js';
import type { Definition, ReadResult } from './format.js';
import { type FormatReadOptions, findFormat, type LikeLibvirtReadOptions } from './formats.js';
import { type Completion, formatDomain } from './libvirt/format-libvirt-xml.js';
import { writeSpec } from './libvirt/write-spec.js';
import type { ContainerSpec } from './spec.js';

export { BARE_TREE } from './bare-tree.js';
export { compareSpecs } from './compare-specs.js';
export { detectFormat, FORMAT_TITLES, type TextFormat } from './detect-format.js';
export type { Diagnostic } from './diagnostics.js';
export { addDevice, readDevice, removeDevice } from './edit-devices.js';
export type { Definition, Sourced, Sources } from './format.js';
export { loadFormat } from './formats.js';
export { givesUp } from './gives-up.js';
export { describeLibvirtXml } from './libvirt/describe-libvirt-xml.js';
export { type Assignments, listLimits, parseAssignments } from './limits/assign.js';
export { type EditedLimits, editLimits, withLimits } from './limits/edit-limits.js';
export { deriveMac } from './mac.js';
export { isContainerName, NAME_RULE } from './name.js';
export { renderDiagnostics } from './render-diagnostics.js';
export type * from './spec.js';

export type ParseResult =
  | { readonly ok: true; readonly definition: Definition; readonly warnings: readonly Diagnostic[] }
  /** At least one is an error; warnings are among them. In the order of the text. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a configuration. All faults of the text come together, each with its place; nothing is thrown.
 *
 * @param options.file names the text in the diagnostics
 * @param options.format default libvirt's `<domain type='lxc'>`; another one must be loaded (`loadFormat`)
 */
export function parseDefinition(
  text: string,
  options: FormatReadOptions & { readonly format?: TextFormat },
): ParseResult {
  const { format = 'libvirt', ...rest } = options;
  return resultOf(findFormat(format).read(text, rest));
}

function resultOf({ definition, diagnostics }: ReadResult): ParseResult {
  return definition === undefined ? { ok: false, diagnostics } : { ok: true, definition, warnings: diagnostics };
}

/**
 * Reads LXC's configuration as libvirt does for its own conversion (`virsh domxml-from-native lxc-tools`): its defaults, its refusals.
 */
export function parseLikeLibvirt(text: string, options: LikeLibvirtReadOptions): ParseResult {
  return resultOf((findFormat('lxc').readLikeLibvirt ?? findFormat('lxc').read)(text, options));
}

/** A definition as text of a format. Ends with a newline. What the format has no word for is left out: compare what it reads as. */
export function formatDefinition(definition: Definition, format: TextFormat): string {
  return findFormat(format).print(definition);
}

/**
 * A definition in libvirt's canonical form, as `virsh dumpxml --inactive` prints it. Ends with a newline.
 *
 * @param options.uuid the container's: printed where the text has none, and interfaces without a MAC address get theirs
 *   (`deriveMac`). Without it only what the text says is printed, and reading the print gives the same definition.
 * @param options.arch the host's architecture, for a text that names none
 */
export function formatLibvirtXml(definition: Definition, options: Completion = {}): string {
  return findFormat('libvirt').print(definition, options);
}

/** The definition of a spec that was made by a program, checked by the same rules as a text. */
export function defineSpec(spec: ContainerSpec): ParseResult {
  return parseDefinition(formatDomain(writeSpec(spec)), { file: spec.name });
}
