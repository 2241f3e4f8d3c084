/** validate: everything there is to say about a text, without storing it. */
import { type Diagnostic, givesUp, parseDefinition, renderDiagnostics } from '../config/index.js';

export interface Validated {
  readonly valid: boolean;
  /** Errors and warnings in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The same as text for people, '' for none. */
  readonly rendered: string;
  readonly givesUp: readonly string[];
}

/** Never throws for what is in the text. @param file how messages call it */
export function validate(text: string, file = 'definition'): Validated {
  const result = parseDefinition(text, { file });
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return {
    valid: result.ok,
    diagnostics,
    rendered: renderDiagnostics(diagnostics, text),
    givesUp: result.ok ? givesUp(result.definition.spec) : [],
  };
}
