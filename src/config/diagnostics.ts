import { createLineIndex } from './line-index.js';

/** One fault (or remark) about a configuration file. Lines and columns count from 1; a column is a character, not a byte. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Lower case, no full stop, values in single quotes, elements as `<name>`. Holds no control characters. */
  readonly message: string;
  /** One line: what the reader can do. */
  readonly hint?: string;
}

/** Where the readers of one text put what they find. Places are offsets into that text. */
export interface Report {
  error(offset: number, message: string, hint?: string): void;
  warning(offset: number, message: string, hint?: string): void;
  hasErrors(): boolean;
  /** Whether further errors are only counted: then their hints need not be looked for. */
  isFull(): boolean;
  /** 1-based line of an offset, for messages that point at a second place. */
  lineOf(offset: number): number;
  /** Everything reported so far, in the order of the text. */
  diagnostics(): readonly Diagnostic[];
}

/** A hostile file can hold a fault per byte; nobody reads more than these. Errors and warnings are counted apart. */
const MAX_OF_A_KIND = 100;

/** Collects the diagnostics of one text. */
export function createReport(file: string, text: string): Report {
  const lines = createLineIndex(text);
  const found: { readonly offset: number; readonly diagnostic: Diagnostic }[] = [];
  const counts = { error: 0, warning: 0 };

  const add = (severity: Diagnostic['severity'], offset: number, message: string, hint: string | undefined) => {
    counts[severity] += 1;
    if (counts[severity] > MAX_OF_A_KIND + 1) return;
    const full = counts[severity] === MAX_OF_A_KIND + 1;
    const said = full ? `and more: only the first ${MAX_OF_A_KIND} ${severity}s are shown` : message;
    const { line, column } = lines.locate(offset);
    const diagnostic = { severity, file, line, column, message: said };
    found.push({ offset, diagnostic: hint === undefined || full ? diagnostic : { ...diagnostic, hint } });
  };

  return {
    error: (offset, message, hint) => add('error', offset, message, hint),
    warning: (offset, message, hint) => add('warning', offset, message, hint),
    hasErrors: () => counts.error > 0,
    isFull: () => counts.error > MAX_OF_A_KIND,
    lineOf: (offset) => lines.lineOf(offset),
    diagnostics: () => found.toSorted((a, b) => a.offset - b.offset).map(({ diagnostic }) => diagnostic),
  };
}
