/** What a mode measures, and what becomes of it: ratios, and whether the goals are met. */
import type { Goal } from './goals.js';
import { computeStatistic, type Statistic } from './statistics.js';

/** One row: who, and what was measured. */
export interface Series {
  readonly who: string;
  readonly values: readonly number[];
  /** Why there are no values, or fewer than there should be. */
  readonly note?: string;
}

export interface Metric {
  readonly id: string;
  /** What is measured, from when to when. */
  readonly title: string;
  /** Under which conditions; '' when there is nothing to say. */
  readonly detail: string;
  readonly unit: 'ms' | 'µs' | 'KiB' | '%';
  readonly statistic: Statistic;
  /** Whom ratios refer to. */
  readonly base?: string;
  readonly series: readonly Series[];
}

export interface Row extends Series {
  /** The statistic; undefined without values. */
  readonly value?: number;
  readonly min?: number;
  readonly ratio?: number;
}

export interface Verdict {
  readonly goal: Goal;
  /** The value, or its ratio to the one that the goal compares with; undefined when one of them was not measured. */
  readonly reached?: number;
  /** The greatest value that meets the goal, in the metric's unit. */
  readonly limit?: number;
  readonly verdict: 'ok' | 'missed' | 'not measured' | 'judged at more' | 'judged at fewer';
}

export interface Result extends Omit<Metric, 'series'> {
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

/** @param containers how many ran at once: some goals are for a thousand */
export function computeResult(metric: Metric, goals: readonly Goal[], containers: number): Result {
  const { series, ...rest } = metric;
  const find = (who: string | undefined) => {
    const values = series.find((one) => one.who === who)?.values ?? [];
    return values.length === 0 ? undefined : computeStatistic(metric.statistic, values);
  };
  const base = find(metric.base);
  const rows = series.map((one): Row => {
    const value = find(one.who);
    if (value === undefined) return one;
    return { ...one, value, min: Math.min(...one.values), ...(base === undefined ? {} : { ratio: value / base }) };
  });
  const verdicts = goals.filter((goal) => goal.metric === metric.id).map((goal) => judge(goal, find, containers));
  return { ...rest, rows, verdicts };
}

function judge(goal: Goal, find: (who: string) => number | undefined, containers: number): Verdict {
  const value = find(goal.of);
  const than = goal.than === undefined ? 1 : find(goal.than);
  if (value === undefined || than === undefined) return { goal, verdict: 'not measured' };
  const reached = value / than;
  const limit = goal.limit * than;
  if (containers < (goal.containers ?? 0)) return { goal, reached, limit, verdict: 'judged at more' };
  if (containers > (goal.atMost ?? containers)) return { goal, reached, limit, verdict: 'judged at fewer' };
  return { goal, reached, limit, verdict: reached <= goal.limit ? 'ok' : 'missed' };
}
