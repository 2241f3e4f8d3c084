import type { Diagnostic } from '../config/diagnostics.js';

/** What no start can give, without what a warning beside its line has told already. */
export function untoldRefusals(refusals: readonly string[], told: readonly Diagnostic[]): readonly string[] {
  return refusals.filter((refusal) => !told.some(({ message }) => message.endsWith(refusal)));
}
