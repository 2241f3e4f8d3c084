/** Host ids for a container of an ordinary user. Pure. */
import type { HostIdRange, OrdinaryUser } from '../system/host-facts.js';
import { ID_COUNT } from './choose-id-range.js';

export interface UserIds {
  readonly uid: HostIdRange;
  readonly gid: HostIdRange;
  /** Another container of this user has them too: he has no more. */
  readonly isShared: boolean;
}

/** Ranges of ID_COUNT that fit in what the user has, users and groups in pairs; of an user without any his own ids alone. */
function listPairs({ uid, gid, subordinate }: OrdinaryUser): Omit<UserIds, 'isShared'>[] {
  const uids = subordinate.uid.flatMap(cut);
  const gids = subordinate.gid.flatMap(cut);
  const pairs = uids.flatMap((range, index) => {
    const group = gids[index];
    return group === undefined ? [] : [{ uid: range, gid: group }];
  });
  return pairs.length > 0 ? pairs : [{ uid: { outside: uid, count: 1 }, gid: { outside: gid, count: 1 } }];
}

function cut({ outside, count }: HostIdRange): HostIdRange[] {
  return Array.from({ length: Math.floor(count / ID_COUNT) }, (_, index) => ({
    outside: outside + index * ID_COUNT,
    count: ID_COUNT,
  }));
}

/** The first that no container of this user has, else the first. @param taken ids of his containers */
export function chooseUserIds(user: OrdinaryUser, taken: readonly HostIdRange[]): UserIds {
  const pairs = listPairs(user);
  const free = pairs.find(({ uid, gid }) => !taken.some((range) => overlaps(range, uid) || overlaps(range, gid)));
  const [first] = pairs;
  const chosen = free ?? first;
  if (chosen === undefined) throw new RangeError('a user has one id at least');
  return { ...chosen, isShared: free === undefined };
}

/** How many containers of this user can have ids that no other has. */
export function countUserRanges(user: OrdinaryUser): number {
  return user.subordinate.uid.length === 0 ? 0 : listPairs(user).length;
}

function overlaps(a: HostIdRange, b: HostIdRange): boolean {
  return a.outside < b.outside + b.count && b.outside < a.outside + a.count;
}
