/** Roots whose files belong to the ids of their container on disk, for want of id-mapped mounts. Pure. */
import type { ContainerSpec, IdRange } from '../config/index.js';
import { CtrError } from '../errors.js';
import type { ContainerRecord } from '../state/container-record.js';

/** A root that can have its owners changed: a directory, and its map. */
export interface OwnedRoot {
  readonly root: string;
  /** Of the helper's `chown`: `u:0:1000000:65536`. */
  readonly ranges: readonly string[];
}

/**
 * What `--ownership chown` changes. An id must tell whether its file has been changed already: none may be on both sides of the map.
 *
 * @throws CtrError CTR_UNSUPPORTED
 */
export function planOwners({ name, filesystems, idmap }: ContainerSpec): OwnedRoot {
  const fail = (reason: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot change the owners of the root of '${name}': ${reason}`);
  const root = filesystems.find(({ target }) => target === '/');
  if (idmap === undefined) throw fail('it has no user namespace');
  if (root?.type !== 'mount' || root.source === '/') throw fail('it is no directory of its own');
  if (root.accessMode !== 'mapped') throw fail('its ids are those of the host already');
  for (const ranges of [idmap.uid, idmap.gid]) {
    const both = ranges.flatMap((one) => ranges.flatMap((other) => firstOfBoth(one, other)))[0];
    if (both !== undefined) throw fail(`id ${both} is on both sides of its id map`);
  }
  const format = (kind: string) => (range: IdRange) => `${kind}:${range.inside}:${range.outside}:${range.count}`;
  return { root: root.source, ranges: [...idmap.uid.map(format('u')), ...idmap.gid.map(format('g'))] };
}

/** The first id that is one of the one inside, and of the other on the host. */
function firstOfBoth(one: IdRange, other: IdRange): number[] {
  const first = Math.max(one.inside, other.outside);
  return first < Math.min(one.inside + one.count, other.outside + other.count) ? [first] : [];
}

/**
 * What the record of a new definition says of its root: of the same root what the old one said.
 *
 * @throws CtrError CTR_UNSUPPORTED when the files belong to other ids than those of the new map
 */
export function keepOwned(
  { name, filesystems }: ContainerSpec,
  idRanges: ContainerRecord['idRanges'],
  old: ContainerRecord | undefined,
): ContainerRecord['owned'] {
  const root = filesystems.find(({ target }) => target === '/');
  const owned = old?.owned;
  if (owned === undefined || root?.type !== 'mount' || root.source !== owned.root || root.accessMode !== 'mapped')
    return undefined;
  if (JSON.stringify(idRanges) === JSON.stringify(old?.idRanges)) return owned;
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot define '${name}': the files of its root belong to other ids than these`,
    {
      hint: `the first is ${old?.idRanges[0]?.outside}: the id map must stay as it is`,
    },
  );
}

/** The model of a container whose files have the ids of the host: nothing is left to map. */
export function withOwned(spec: ContainerSpec, { owned }: Pick<ContainerRecord, 'owned'>): ContainerSpec {
  if (owned === undefined) return spec;
  const filesystems = spec.filesystems.map((filesystem) =>
    filesystem.type === 'mount' && filesystem.target === '/' && filesystem.source === owned.root
      ? { ...filesystem, accessMode: 'passthrough' as const }
      : filesystem,
  );
  if (owned.done) return { ...spec, filesystems };
  const refusal = "the owners of its root's files are not all changed: ctr define --ownership chown goes on with it";
  return { ...spec, filesystems, refusals: [...(spec.refusals ?? []), refusal] };
}
