/** Median of some numbers; of an even count the mean of the middle two. */
export function computeMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) throw new Error('no values to take the median of');
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

/** One figure of the table. */
export interface Figure {
  readonly what: string;
  readonly values: readonly number[];
  readonly unit: 'ms' | 'µs' | 'KiB';
  /** What the median is divided by. */
  readonly base?: { readonly what: string; readonly values: readonly number[] };
  /** Greatest allowed ratio to the base, or greatest allowed value where there is no base. */
  readonly limit?: number;
}

export interface Result {
  readonly what: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly count: number;
  readonly ratio?: number;
  readonly base?: string;
  readonly limit?: number;
  readonly withinLimit?: boolean;
}

/** Medians, ratios and verdicts. */
export function computeResult({ what, values, unit, base, limit }: Figure): Result {
  const median = computeMedian(values);
  const ratio = base === undefined ? undefined : median / computeMedian(base.values);
  return {
    what,
    unit,
    median,
    min: Math.min(...values),
    count: values.length,
    ...(ratio === undefined ? {} : { ratio }),
    ...(base === undefined ? {} : { base: base.what }),
    ...(limit === undefined ? {} : { limit, withinLimit: (ratio ?? median) <= limit }),
  };
}

/** A table for people, at most 80 columns wide. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.what,
    `${formatNumber(result.median)} ${result.unit}`,
    `${formatNumber(result.min)}`,
    String(result.count),
    result.ratio === undefined ? '' : `${result.ratio.toFixed(2)} × ${result.base}`,
    result.limit === undefined ? '' : `${result.withinLimit ? 'ok' : 'OVER'} (≤ ${result.limit})`,
  ]);
  const table = [['what', 'median', 'min', 'n', 'ratio', 'limit'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return table.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
