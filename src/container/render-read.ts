/** Diagnostics of a text and of the files it names, each beside its own line. Pure. */
import { type Diagnostic, renderDiagnostics } from '../config/index.js';
import type { TakenSources } from './sources.js';

export interface ReadDiagnostics {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** What the other files said. */
  readonly taken?: TakenSources | undefined;
}

/** Ends without a newline; '' for none. */
export function renderRead({ file, text, diagnostics, taken }: ReadDiagnostics): string {
  const textOf = (path: string): string => {
    if (path === file || taken === undefined || !Object.hasOwn(taken.texts, path)) return path === file ? text : '';
    const source = taken.texts[path];
    return source?.ok ? source.value : '';
  };
  return diagnostics.map((diagnostic) => renderDiagnostics([diagnostic], textOf(diagnostic.file))).join('\n');
}
