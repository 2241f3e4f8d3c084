/** Host ids for a new container. Pure. */
import { CtrError } from '../errors.js';

export interface HostIds {
  readonly outside: number;
  readonly count: number;
}

/** Enough for every id a usual system has, `nobody` (65534) included. */
export const ID_COUNT = 65536;

/** Above what distributions give to people (/etc/subuid begins at 100000 and grows by 65536 per user). */
const FIRST_ID = 1_000_000;

/** The last id, 2^32-1, means "none". */
const LAST_ID = 0xfffffffe;

/**
 * The lowest range of ID_COUNT ids that touches none of the taken ones.
 *
 * @param bounds first and last id that may be given out
 * @throws CtrError CTR_UNSUPPORTED
 */
export function chooseIdRange(
  taken: readonly HostIds[],
  { firstId = FIRST_ID, lastId = LAST_ID }: { readonly firstId?: number; readonly lastId?: number } = {},
): HostIds {
  const sorted = [...taken].sort((a, b) => a.outside - b.outside);
  let outside = firstId;
  for (const range of sorted) {
    if (range.outside >= outside + ID_COUNT) break;
    while (outside < range.outside + range.count) outside += ID_COUNT;
  }
  if (outside + ID_COUNT - 1 > lastId) {
    const bounds = `from ${firstId} to ${lastId}`;
    throw new CtrError('CTR_UNSUPPORTED', `cannot choose host ids: no ${ID_COUNT} in a row are free ${bounds}`);
  }
  return { outside, count: ID_COUNT };
}
