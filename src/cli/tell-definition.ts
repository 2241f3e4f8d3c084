/** What there is to say about a definition, before the answer. */
import type { Diagnostic } from '../config/diagnostics.js';
import { note } from './output.js';
import { visible } from './visible.js';

interface Told {
  readonly warnings: readonly Diagnostic[];
  readonly renderedWarnings: string;
  readonly givesUp: readonly string[];
  readonly notes?: readonly string[];
  readonly refusals: readonly string[];
}

/** @param who completes "will not start": the container's name in quotes, or a word for it */
export function tellDefinition(who: string, { warnings, renderedWarnings, givesUp, notes = [], refusals }: Told): void {
  if (renderedWarnings !== '') note(renderedWarnings);
  for (const line of [...givesUp, ...notes]) note(`note: ${line}`);
  // A warning beside its line has told it already.
  const untold = refusals.filter((refusal) => !warnings.some(({ message }) => message.endsWith(refusal)));
  for (const line of untold) note(visible(`warning: ${who} will not start: ${line}`));
}
