import type { IdMapSpec, IdRange } from '../config/spec.js';

/** A user and a group as the host sees them. */
export interface HostIds {
  readonly uid: number;
  readonly gid: number;
}

/** The host's id of `inside`, or undefined when the ranges do not map it. Without ranges ids are the same on both sides. */
export function mapId(ranges: readonly IdRange[] | undefined, inside: number): number | undefined {
  if (ranges === undefined) return inside;
  const range = ranges.find((candidate) => inside >= candidate.inside && inside - candidate.inside < candidate.count);
  return range && range.outside + (inside - range.inside);
}

/** The container's root as the host sees it. An id map always maps it (ContainerSpec). */
export function mapRoot(idmap: IdMapSpec | undefined): HostIds {
  const uid = mapId(idmap?.uid, 0);
  const gid = mapId(idmap?.gid, 0);
  if (uid === undefined || gid === undefined) throw new RangeError('the id map does not map root');
  return { uid, gid };
}
