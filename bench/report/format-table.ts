/** The results as a table for a terminal, at most 80 columns wide. */
import type { Result, Row, Verdict } from './metric.js';

const WIDTH = 80;

export function formatTables(results: readonly Result[]): string {
  return results.map(formatTable).join('\n');
}

function formatTable(result: Result): string {
  const ratio = result.base === undefined || result.rows.length < 2 ? '' : `× ${result.base}`;
  const who = Math.max(...result.rows.map((row) => row.who.length), 'ctr'.length) + 2;
  const columns = (cells: readonly [string, string, string, string, string]) =>
    `  ${cells[0].padEnd(who)}${cells[1].padStart(8)}${cells[2].padStart(8)}${cells[3].padStart(6)}${cells[4].padStart(
      Math.max(ratio.length + 2, 8),
    )}`;
  const lines = [...formatTitle(result), columns(['', result.statistic, 'min', 'n', ratio])];
  for (const row of result.rows) {
    const verdicts = result.verdicts.filter(({ goal }) => goal.of === row.who);
    lines.push(...joinGoals(columns(formatCells(row)), row, verdicts));
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function formatTitle({ title, detail, unit }: Result): string[] {
  const line = [title, detail, unit].filter((text) => text !== '').join(', ');
  return line.length <= WIDTH ? [line] : [`${title}, ${unit}`, `  ${detail}`];
}

function formatCells(row: Row): [string, string, string, string, string] {
  if (row.value === undefined || row.min === undefined) return [row.who, '', '', '', ''];
  const ratio = row.ratio === undefined ? '' : formatRatio(row.ratio);
  return [row.who, formatNumber(row.value), formatNumber(row.min), String(row.values.length), ratio];
}

/** The first goal beside the row, the others below it; a note takes their place. */
function joinGoals(line: string, row: Row, verdicts: readonly Verdict[]): string[] {
  const note = row.note === undefined ? [] : [row.note];
  if (row.value === undefined) return [cut(`${line.trimEnd()}  ${note.join('')}`)];
  const goals = verdicts.map(formatVerdict);
  const [first = '', ...more] = goals;
  return [
    `${line}  ${first}`,
    ...more.map((goal) => `${' '.repeat(line.length)}  ${goal}`),
    ...note.map((text) => cut(`    ${text}`)),
  ];
}

/** As `≤ 1.5 × floor: 1.41 ok`. */
export function formatVerdict({ goal, reached, verdict }: Verdict): string {
  const limit = `≤ ${goal.limit}${goal.than === undefined ? '' : ` × ${goal.than}`}`;
  if (reached === undefined) return `${limit}: ${verdict}`;
  const at: Readonly<Record<string, string>> = {
    'judged at more': `(at ${goal.containers})`,
    'judged at fewer': `(at ${goal.atMost})`,
  };
  const words = at[verdict] ?? verdict;
  return `${limit}: ${goal.than === undefined ? formatNumber(reached) : formatRatio(reached)} ${words}`;
}

export function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function formatRatio(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2);
}

function cut(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}
