/** Which number stands for many. */
export type Statistic = 'median' | 'mean' | 'p95';

/** @throws Error when there are no values */
export function computeStatistic(statistic: Statistic, values: readonly number[]): number {
  if (values.length === 0) throw new Error(`no values to take the ${statistic} of`);
  if (statistic === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  return computeQuantile(values, statistic === 'median' ? 0.5 : 0.95);
}

/** Between two values in proportion: the median of an even count is the mean of the middle two. */
function computeQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
