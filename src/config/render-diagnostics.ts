import type { Diagnostic } from './diagnostics.js';
import { cellWidth, showCharacter } from './display-text.js';

const TAB_WIDTH = 8;
/** Cells of source text shown; a longer line is cut around the place. */
const MAX_CELLS = 100;
/** Cells kept before the place when a line is cut. */
const LEAD_CELLS = 40;
const INDENT = '  ';

interface Cell {
  readonly shown: string;
  readonly width: number;
}

/**
 * `file:line:column: error: message`, the line, a caret below the place and at most one hint; for each diagnostic.
 * `sourceText` is the text the diagnostics are about. Ends without a newline; '' for no diagnostics.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], sourceText: string): string {
  const lines = sourceText.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  return diagnostics.map((diagnostic) => renderOne(diagnostic, lines[diagnostic.line - 1] ?? '')).join('\n');
}

function renderOne(diagnostic: Diagnostic, line: string): string {
  const { severity, line: row, column, message, hint } = diagnostic;
  const file = Array.from(diagnostic.file, showCharacter).join('');
  const rendered = [`${file}:${row}:${column}: ${severity}: ${message}`];
  const { excerpt, caretAt } = excerptLine(line, column - 1);
  if (excerpt.trim() !== '') rendered.push(INDENT + excerpt, `${INDENT}${' '.repeat(caretAt)}^`);
  if (hint !== undefined) rendered.push(`hint: ${hint}`);
  return rendered.join('\n');
}

/** The shown part of a line, and the cell of its `place`th character in it. Looks only at the characters near the place. */
function excerptLine(line: string, place: number): { readonly excerpt: string; readonly caretAt: number } {
  const cells = takeCells(line, place + MAX_CELLS + 1);
  const widthTo = (from: number, to: number) => cells.slice(from, to).reduce((sum, cell) => sum + cell.width, 0);

  let first = 0;
  if (widthTo(0, cells.length) > MAX_CELLS) {
    first = Math.min(place, cells.length);
    for (let lead = 0; first > 0 && lead + (cells[first - 1]?.width ?? 0) <= LEAD_CELLS; first -= 1) {
      lead += cells[first - 1]?.width ?? 0;
    }
  }
  let last = first;
  for (let used = 0; last < cells.length && used + (cells[last]?.width ?? 0) <= MAX_CELLS; last += 1) {
    used += cells[last]?.width ?? 0;
  }
  const before = first > 0 ? '…' : '';
  const after = last < cells.length ? '…' : '';
  const text = cells.slice(first, last).map((cell) => cell.shown);
  return { excerpt: before + text.join('').trimEnd() + after, caretAt: before.length + widthTo(first, place) };
}

function takeCells(line: string, limit: number): Cell[] {
  const cells: Cell[] = [];
  let position = 0;
  for (const character of line) {
    if (cells.length === limit) break;
    const width = character === '\t' ? TAB_WIDTH - (position % TAB_WIDTH) : cellWidth(showCharacter(character));
    cells.push({ shown: character === '\t' ? ' '.repeat(width) : showCharacter(character), width });
    position += width;
  }
  return cells;
}
