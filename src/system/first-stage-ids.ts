/** Ids of an ordinary user's first stage and what they are on the host. docs/adr/0011. Pure. */
import type { HostIdRange, OrdinaryUser } from './host-facts.js';

export interface StageRange extends HostIdRange {
  /** First id of the first stage. */
  readonly inside: number;
}

/** 0 is the user himself; 1 and on are his subordinate ids, in the order of their lines. */
export function stageRanges(user: OrdinaryUser, kind: 'uid' | 'gid'): StageRange[] {
  const ranges: StageRange[] = [{ inside: 0, outside: user[kind], count: 1 }];
  let inside = 1;
  for (const { outside, count } of user.subordinate[kind]) {
    ranges.push({ inside, outside, count });
    inside += count;
  }
  return ranges;
}

/** The id of the first stage that the ids from `outside` on begin with, or undefined when not all of them are the user's. */
export function toStageId(
  user: OrdinaryUser,
  kind: 'uid' | 'gid',
  { outside, count }: HostIdRange,
): number | undefined {
  const found = stageRanges(user, kind).find(
    (range) => outside >= range.outside && outside + count <= range.outside + range.count,
  );
  return found && found.inside + (outside - found.outside);
}
