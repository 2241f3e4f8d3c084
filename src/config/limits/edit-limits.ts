/** A definition with other limits: its model, and its text where the format has words for them. Pure. */
import type { TextFormat } from '../detect-format.js';
import type { Definition } from '../format.js';
import { findFormat } from '../formats.js';
import { formatDomain } from '../libvirt/format-libvirt-xml.js';
import { readLibvirt } from '../libvirt/parse-libvirt-xml.js';
import { type Assignments, assignLimits } from './assign.js';
import { withDomainLimits } from './domain-limits.js';
import { withLxcLimits } from './lxc-limits.js';

/** The definition with these limits. @throws CtrError CTR_BAD_LIMIT */
export function withLimits(definition: Definition, assignments: Assignments): Definition {
  const spec = assignLimits(definition.spec, assignments);
  const { document } = definition;
  if (document === undefined) return { spec };
  // In canonical form.
  const limited = formatDomain(withDomainLimits(document, spec));
  return { spec, document: readLibvirt(limited, { file: spec.name }).definition?.document ?? document };
}

export interface EditedLimits {
  readonly text: string;
  /** The text is another print of the whole: its own layout and comments are gone. */
  readonly isReprint: boolean;
}

/**
 * The text that says a definition with other limits; undefined when its format has no words for them. Whether it says them all is for who
 * reads it again.
 *
 * @param changed the definition as `withLimits` has it, of this text
 */
export function editLimits(
  text: string,
  format: TextFormat,
  changed: Definition,
  keys: readonly string[],
): EditedLimits | undefined {
  if (format === 'nspawn') return undefined;
  if (format === 'lxc') return { text: withLxcLimits(text, changed.spec, keys), isReprint: false };
  return { text: findFormat(format).print(changed), isReprint: true };
}
