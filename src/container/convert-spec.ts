/** From a definition to the text of another format, and what that text does not say any more. Pure. */

import { quote } from '../config/display-text.js';
import {
  type ContainerSpec,
  compareSpecs,
  type Definition,
  FORMAT_TITLES,
  formatDefinition,
  formatLibvirtXml,
  parseDefinition,
  type Sources,
  type TextFormat,
} from '../config/index.js';
import { CtrError } from '../errors.js';

export interface ConvertedText {
  readonly text: string;
  /** What the text lost, or says otherwise, one line each. */
  readonly losses: readonly string[];
}

/**
 * Prints a definition in a format, reads the print as `define` would, and compares.
 *
 * @param options.uuid the container's: for libvirt's XML
 * @param options.arch the host's: for libvirt's XML
 * @param options.sources files that the text names
 * @throws CtrError CTR_UNSUPPORTED when the format has no way to say this container
 */
export function convertDefinition(
  definition: Definition,
  to: TextFormat,
  { sources, ...options }: { readonly uuid?: string; readonly arch?: string; readonly sources?: Sources } = {},
): ConvertedText {
  const { spec } = definition;
  if (to === 'libvirt' && definition.document !== undefined) {
    return { text: formatLibvirtXml(definition, options), losses: [] };
  }
  const printed = formatDefinition({ spec }, to);
  const again = parseDefinition(printed, {
    file: spec.name,
    format: to,
    ...givenBeside(spec, to),
    ...(sources === undefined ? {} : { sources }),
  });
  if (!again.ok) {
    const [fault] = again.diagnostics.filter(({ severity }) => severity === 'error');
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot convert '${spec.name}' to ${FORMAT_TITLES[to]}: ${fault?.message ?? 'the result is not valid'}`,
      { data: { diagnostics: again.diagnostics, text: printed } },
    );
  }
  // libvirt has one canonical form, and the reader makes it.
  const text = to === 'libvirt' ? formatLibvirtXml(again.definition, options) : printed;
  return { text, losses: [...new Set([...compareSpecs(spec, again.definition.spec), ...describeKept(spec, to)])] };
}

/** What a user would say on the command line, for want of a word in the text. */
function givenBeside(spec: ContainerSpec, to: TextFormat): { readonly name?: string; readonly rootfs?: string } {
  if (to === 'libvirt' || to === 'json') return {};
  const root = spec.filesystems.find(({ target }) => target === '/');
  const source = root?.type === 'mount' ? root.source : undefined;
  return to === 'nspawn' ? { name: spec.name, rootfs: source ?? '/' } : { name: spec.name };
}

/** Entries without effect are a format's own. */
function describeKept({ kept = [] }: ContainerSpec, to: TextFormat): string[] {
  return kept
    .filter(({ format }) => format !== to && to !== 'json')
    .map(({ key, value }) => `${quote(key)} is lost: ${quote(value)}`);
}
