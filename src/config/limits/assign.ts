/** `memory=96M pids=100`: from words to a spec with these limits. Pure. */
import { CtrError } from '../../errors.js';
import { nearestName } from '../nearest-name.js';
import type { ContainerSpec } from '../spec.js';
import { listHugetlb } from './device-rows.js';
import { findLimit, LIMITS } from './table.js';

/** Keys and values in their order; a later one of a key counts. */
export type Assignments = readonly (readonly [key: string, value: string])[];

/** All keys there are, for completion; those of huge pages by their usual sizes. */
export const LIMIT_KEYS: readonly string[] = LIMITS.flatMap(({ key }) =>
  key === 'hugetlb.SIZE' ? ['hugetlb.2MB', 'hugetlb.1GB'] : [key],
);

/** @throws CtrError CTR_USAGE for a word without `=` */
export function parseAssignments(words: readonly string[]): Assignments {
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
    throw new CtrError('CTR_USAGE', `cannot set '${word}': it is no assignment, as in 'memory=96M'`, {
      hint: findLimit(word) === undefined ? hintOf(word) : 'without assignments, ctr set NAME shows what is set',
    });
  });
}

/**
 * The spec with these limits.
 *
 * @throws CtrError CTR_BAD_LIMIT for a key that nobody knows, and for a value that is none of its key
 */
export function assignLimits(spec: ContainerSpec, assignments: Assignments): ContainerSpec {
  return assignments.reduce((before, [key, value]) => {
    const row = findLimit(key);
    if (row === undefined) {
      throw new CtrError('CTR_BAD_LIMIT', `cannot set '${key}' of '${spec.name}': nobody knows this key`, {
        hint: hintOf(key),
        data: { key, value },
      });
    }
    const read = row.set(before, value, key);
    if ('value' in read) return read.value;
    throw new CtrError('CTR_BAD_LIMIT', `cannot set '${key}' of '${spec.name}' to '${value}': it is ${read.mustBe}`, {
      data: { key, value, file: { v1: row.v1, v2: row.v2 } },
    });
  }, spec);
}

function hintOf(key: string): string {
  const own = LIMITS.find(({ others, v1, v2 }) => [...others, ...v1.split(', '), v2].includes(key))?.key;
  const near = own ?? nearestName(key, LIMIT_KEYS);
  return near === undefined ? 'ctr set --keys lists what can be set' : `did you mean '${near}'?`;
}

/** The limits of a spec as `set` takes them, in the order of the table. */
export function listLimits(spec: ContainerSpec): { readonly key: string; readonly value: string }[] {
  const one = LIMITS.flatMap(({ key, get }) => {
    const value = get(spec);
    return value === undefined ? [] : [{ key, value }];
  });
  return [...one, ...listHugetlb(spec)];
}
