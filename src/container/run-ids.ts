/** Host ids of a run. Pure. */
import type { IdMapSpec, IdRange } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { HostIdRange, OrdinaryUser } from '../system/host-facts.js';
import { ID_COUNT } from './choose-id-range.js';

/** Ids that a run has when nothing on disk asks for others: those of its slot. */
export interface RunIds {
  readonly uid: HostIdRange;
  readonly gid: HostIdRange;
}

/** What on disk somebody inside has to be the owner of. */
export interface RunOwners {
  /** Of the root, where it is a directory of somebody's. */
  readonly root?: { readonly uid: number; readonly gid: number };
  /** A map that the files of the root belong to already. */
  readonly idmap?: IdMapSpec | undefined;
  /** Something is bound writable. */
  readonly hasWritableBinds: boolean;
  /** `USER` or `USER:GROUP`, as asked for. */
  readonly user?: string | undefined;
}

/** Root's: where the root is an id-mapped mount, ids on disk do not matter. */
export function mapRunIds({ uid, gid }: RunIds, { idmap }: Pick<RunOwners, 'idmap'> = {}): IdMapSpec {
  return idmap ?? { uid: [{ inside: 0, ...uid }], gid: [{ inside: 0, ...gid }] };
}

/**
 * An ordinary user's: the kernel maps no ids of a mount for him. So who works on his own files inside is he himself (root, or the
 * user asked for), with the ids of the slot around; and a root that belongs to his subordinate ids keeps them.
 *
 * @throws CtrError CTR_UNSUPPORTED for what no map of his can give
 */
export function mapRunIdsOfUser(user: OrdinaryUser, ids: RunIds, owners: RunOwners): IdMapSpec {
  const given = owners.idmap ?? mapOfRoot(user, owners.root);
  if (given !== undefined) {
    if (owners.hasWritableBinds && !hasOwnId(given, user))
      throw refuse(
        'bind a directory writable',
        'the files of this root belong to your subordinate ids, and nobody inside has yours',
        '--bind-ro, or another root',
      );
    return given;
  }
  if (owners.root !== undefined && owners.root.uid !== user.uid)
    throw refuse(
      'run in this tree',
      `it belongs to user ${owners.root.uid}, who is nobody inside: the kernel maps no ids of a mount for an ordinary user`,
      'a copy of yours, or sudo ctr run',
    );
  if (user.subordinate.uid.length === 0 && !isRoot(owners.user)) {
    throw refuse(
      `run as '${owners.user}'`,
      'you have no subordinate ids, so root is the only user inside',
      'without --user it is root inside, who is you outside',
    );
  }
  const isOwn = owners.root?.uid === user.uid || owners.hasWritableBinds || user.subordinate.uid.length === 0;
  return isOwn ? mapAround(user, ids, owners) : mapRunIds(ids);
}

function refuse(what: string, reason: string, hint: string): CtrError {
  return new CtrError('CTR_UNSUPPORTED', `cannot ${what}: ${reason}`, { hint });
}

function isRoot(user: string | undefined): boolean {
  return user === undefined || /^(?:0|root)(?::(?:0|root))?$/.test(user);
}

function hasOwnId({ uid }: IdMapSpec, user: OrdinaryUser): boolean {
  return uid.some(({ outside, count }) => user.uid >= outside && user.uid < outside + count);
}

/** Of a tree that was made with subordinate ids: root's of it is the first. */
function mapOfRoot(user: OrdinaryUser, root: RunOwners['root']): IdMapSpec | undefined {
  if (root === undefined) return undefined;
  const uid = rangeFrom(user.subordinate.uid, root.uid);
  const gid = rangeFrom(user.subordinate.gid, root.gid);
  return uid === undefined || gid === undefined ? undefined : mapRunIds({ uid, gid });
}

function rangeFrom(ranges: readonly HostIdRange[], first: number): HostIdRange | undefined {
  const range = ranges.find(({ outside, count }) => first >= outside && first < outside + count);
  if (range === undefined) return undefined;
  return { outside: first, count: Math.min(ID_COUNT, range.outside + range.count - first) };
}

/** His own id in the place of who runs the command. */
function mapAround(user: OrdinaryUser, ids: RunIds, { user: asked }: RunOwners): IdMapSpec {
  const [uid = '0', gid = '0'] = isRoot(asked) ? [] : (asked ?? '').split(':');
  if (!/^\d{1,5}$/.test(uid) || !/^\d{1,5}$/.test(gid)) {
    throw refuse(
      `run as '${asked}'`,
      'the owner of what is yours is root inside, or a user given by number',
      "--user as in '1000' or '1000:1000'",
    );
  }
  return {
    uid: around(user.uid, Number(uid), user.subordinate.uid.length === 0 ? undefined : ids.uid),
    gid: around(user.gid, Number(gid), user.subordinate.gid.length === 0 ? undefined : ids.gid),
  };
}

function around(own: number, inside: number, rest: HostIdRange | undefined): IdRange[] {
  const self = { inside, outside: own, count: 1 };
  if (rest === undefined) return [self];
  const below = Math.min(inside, rest.count);
  return [
    { inside: 0, outside: rest.outside, count: below },
    self,
    { inside: inside + 1, outside: rest.outside + below, count: rest.count - below },
  ].filter(({ count }) => count > 0);
}
