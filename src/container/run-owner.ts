/** Who runs of a slot are to a network: they have its addresses one after the other. */
import { createHash } from 'node:crypto';
import type { Paths } from '../system/paths.js';

/** In the form of a uuid; the same for the same slot. */
export function runOwner({ runDir }: Pick<Paths, 'runDir'>, slot: number): string {
  const digest = createHash('sha256').update(`${runDir} run ${slot}`).digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
