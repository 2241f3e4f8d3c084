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

export interface ChooseOptions {
  readonly firstId?: number;
  readonly lastId?: number;
  readonly count?: number;
}

/**
 * The lowest range of `count` ids that touches none of the taken ones.
 *
 * @param options first and last id that may be given out; how many are wanted, default ID_COUNT
 * @throws CtrError CTR_UNSUPPORTED
 */
export function chooseIdRange(
  taken: readonly HostIds[],
  { firstId = FIRST_ID, lastId = LAST_ID, count = ID_COUNT }: ChooseOptions = {},
): HostIds {
  const sorted = [...taken].sort((a, b) => a.outside - b.outside);
  let outside = firstId;
  for (const range of sorted) {
    if (range.outside >= outside + count) break;
    while (outside < range.outside + range.count) outside += ID_COUNT;
  }
  if (outside + count - 1 > lastId) {
    const bounds = `from ${firstId} to ${lastId}`;
    throw new CtrError('CTR_UNSUPPORTED', `cannot choose host ids: no ${count} in a row are free ${bounds}`);
  }
  return { outside, count };
}
