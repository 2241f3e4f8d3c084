/** An ordinary user's first stage: the ids of it, and what they are on the host. docs/adr/0011. Pure. */
import type { IdMapSpec, IdRange } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import type { OrdinaryUser } from '../system/host-facts.js';

/** A user's namespaces map 340 lines each at the most, user_namespaces(7). */
type Kind = 'uid' | 'gid';

/** 0 is the user himself, 1 and on are his subordinate ids in the order of their lines. */
function stageRanges(user: OrdinaryUser, kind: Kind): IdRange[] {
  const own = { inside: 0, outside: user[kind], count: 1 };
  let inside = 1;
  return [
    own,
    ...user.subordinate[kind].map(({ outside, count }) => ({ inside: (inside += count) - count, outside, count })),
  ];
}

/** What the first stage of a start maps. */
export function planFirstStage(user: OrdinaryUser): OpOf<'first-stage-map'>[] {
  return (['uid', 'gid'] as const).flatMap((kind) =>
    stageRanges(user, kind).map((range) => ({ op: 'first-stage-map', kind, ...range }) as const),
  );
}

/**
 * The map of a container with ids of the first stage instead of those of the host. Without a map of its own ids inside are those of
 * the first stage: root inside is as powerful as the user, and what guards it is its own all the same.
 *
 * @throws CtrError CTR_UNSUPPORTED for host ids that are not the user's
 */
export function mapToFirstStage(name: string, idmap: IdMapSpec | undefined, user: OrdinaryUser): IdMapSpec {
  if (idmap === undefined) return { uid: ownIds(user, 'uid'), gid: ownIds(user, 'gid') };
  return { uid: translate(name, idmap.uid, user, 'uid'), gid: translate(name, idmap.gid, user, 'gid') };
}

function ownIds(user: OrdinaryUser, kind: Kind): IdRange[] {
  const count = stageRanges(user, kind).reduce((sum, range) => sum + range.count, 0);
  return [{ inside: 0, outside: 0, count }];
}

function translate(name: string, ranges: readonly IdRange[], user: OrdinaryUser, kind: Kind): IdRange[] {
  const stage = stageRanges(user, kind);
  return ranges.map(({ inside, outside, count }) => {
    const found = stage.find((range) => outside >= range.outside && outside + count <= range.outside + range.count);
    if (found === undefined) throw refuseForeign(name, kind, { inside, outside, count }, stage);
    return { inside, outside: found.inside + (outside - found.outside), count };
  });
}

function refuseForeign(name: string, kind: Kind, wanted: IdRange, stage: readonly IdRange[]): CtrError {
  const text = stage.map(formatRange).join(', ');
  return new CtrError(
    'CTR_UNSUPPORTED',
    `cannot start '${name}': its id map has the host ids ${formatRange(wanted)} (${kind}), and yours are ${text}`,
    { hint: `/etc/sub${kind} gives ids to users; a definition without <idmap> takes what there is` },
  );
}

function formatRange({ outside, count }: IdRange): string {
  return count === 1 ? `${outside}` : `${outside}–${outside + count - 1}`;
}
