import { CtrError } from '../errors.js';

/** Values that no kernel takes, or that this host cannot give. Pure. */

/**
 * @param purpose completes "cannot"
 * @param file what it is written to
 * @throws CtrError CTR_BAD_CONFIG. Infinity is no limit, and in every range
 */
export function checkRange(purpose: string, file: string, value: number, least: number, most: number): void {
  if (value === Number.POSITIVE_INFINITY || (value >= least && value <= most)) return;
  throw new CtrError('CTR_BAD_CONFIG', `cannot ${purpose}: ${file} is from ${least} to ${most}, not ${value}`, {
    data: { file, value: String(value), least, most },
  });
}

/**
 * @param list CPUs or memory nodes, as in cpuset(7)
 * @param there those of the host; undefined: nobody knows
 * @throws CtrError CTR_BAD_CONFIG for what is no list, CTR_UNSUPPORTED for a number that the host has not
 */
export function checkHostList(purpose: string, file: string, list: string, there: string | undefined): void {
  const asked = parseList(list);
  if (asked === undefined || asked.length === 0)
    throw new CtrError('CTR_BAD_CONFIG', `cannot ${purpose}: '${list}' for ${file} is no list like 0-3,8`, {
      data: { file, value: list },
    });
  const ranges = there === undefined ? undefined : parseList(there);
  if (ranges === undefined) return;
  const has = (from: number, to: number) => ranges.some(([first, last]) => first <= from && to <= last);
  if (asked.every(([first, last]) => has(first, last))) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot ${purpose}: ${file} is '${list}', and this host has ${there}`, {
    data: { file, value: list, allowed: there },
  });
}

/** Ranges in order, those that touch as one; undefined when it is no list. */
function parseList(list: string): [number, number][] | undefined {
  if (list.trim() === '') return [];
  const parts: [number, number][] = [];
  for (const part of list.split(',')) {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first > last) return undefined;
    parts.push([first, last]);
  }
  parts.sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of parts) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** Whether two lists name the same. Pure. */
export function isSameList(one: string, other: string): boolean {
  const [a, b] = [parseList(one), parseList(other)];
  return a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
