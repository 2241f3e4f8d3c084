/**
 * Weights of cgroup v1 in those of v2, and back. Both are against the groups beside a group, so only the curve counts.
 *
 * CPU: the curve of runc 1.4 and crun 1.23, through (2, 1), (1024, 100) and (262144, 10000): the default of one version is that of the
 * other, which the straight line of older releases made 39. Block devices: the line of both, from 10..1000 to 1..10000.
 */

export const SHARES = { least: 2, most: 262144, usual: 1024 } as const;
export const BLKIO_WEIGHT = { least: 10, most: 1000 } as const;

/** `cpu.weight` for `cpu.shares`. */
export function weightOfShares(shares: number): number {
  if (shares <= SHARES.least) return 1;
  if (shares >= SHARES.most) return 10000;
  const log = Math.log2(shares);
  // Beyond its ninth digit the power is rounding: 1024 would be 100.00000000000004.
  return Math.ceil(Number((10 ** ((log * log + 125 * log) / 612 - 7 / 34)).toFixed(9)));
}

/** The least `cpu.shares` that are this `cpu.weight`: each weight has some. */
export function sharesOfWeight(weight: number): number {
  let [low, high]: [number, number] = [SHARES.least, SHARES.most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (weightOfShares(middle) < weight) low = middle + 1;
    else high = middle;
  }
  // 100 is the default of v2, and this that of v1.
  return weightOfShares(SHARES.usual) === weight ? SHARES.usual : low;
}

/** `io.weight` for `blkio.weight`. */
export function ioWeightOf(weight: number): number {
  return 1 + Math.floor(((weight - BLKIO_WEIGHT.least) * 9999) / 990);
}
