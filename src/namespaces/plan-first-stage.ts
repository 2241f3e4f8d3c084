import type { IdMapSpec, IdRange } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import { stageRanges, toStageId } from '../system/first-stage-ids.js';
import type { HostIdRange, OrdinaryUser } from '../system/host-facts.js';

/** What the first stage of an ordinary user's start maps. docs/adr/0011 */
export function planFirstStage(user: OrdinaryUser): OpOf<'stage-idmap'>[] {
  return (['uid', 'gid'] as const).flatMap((kind) =>
    stageRanges(user, kind).map((range) => ({ op: 'stage-idmap', kind, ...range }) as const),
  );
}

/**
 * The map of a container with ids of the first stage instead of those of the host. Without a map of its own ids inside are those of
 * the first stage: root inside is as powerful as the user, and what guards it is its own all the same.
 *
 * @throws CtrError CTR_UNSUPPORTED for host ids that are not the user's
 */
export function mapToFirstStage(name: string, idmap: IdMapSpec | undefined, user: OrdinaryUser): IdMapSpec {
  const map = (kind: 'uid' | 'gid') =>
    idmap === undefined ? allIds(user, kind) : idmap[kind].map((range) => translate(name, range, user, kind));
  return { uid: map('uid'), gid: map('gid') };
}

/** A line for each of the stage's: the kernel maps no line to ids of two lines (user_namespaces(7)). */
function allIds(user: OrdinaryUser, kind: 'uid' | 'gid'): IdRange[] {
  return stageRanges(user, kind).map(({ inside, count }) => ({ inside, outside: inside, count }));
}

function translate(name: string, range: IdRange, user: OrdinaryUser, kind: 'uid' | 'gid'): IdRange {
  const outside = toStageId(user, kind, range);
  if (outside !== undefined) return { ...range, outside };
  const own = stageRanges(user, kind).map(formatRange).join(', ');
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot start '${name}': its id map has the host ids ${formatRange(range)} (${kind}), and yours are ${own}`,
    { hint: `/etc/sub${kind} gives ids to users; a definition without <idmap> takes what there is` },
  );
}

function formatRange({ outside, count }: HostIdRange): string {
  return count === 1 ? `${outside}` : `${outside}–${outside + count - 1}`;
}
