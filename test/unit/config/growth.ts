/** How the time of reading grows. Another program on the machine can make one measurement long, so the best of some counts. */

const SMALL = 40_000;
/** Eight times the text: a square takes 64 times as long. */
const LARGE = 320_000;
const LIMIT = 32;
const ATTEMPTS = 8;

/** How many times as long a text of eight times the length takes, by the best measurement; stops early below the limit. */
export function measureGrowth(run: (text: string) => void, make: (size: number) => string): number {
  const small = make(SMALL);
  const large = make(LARGE);
  const timeOf = (text: string) => {
    const start = performance.now();
    run(text);
    return performance.now() - start;
  };
  timeOf(small);
  let bestSmall = Number.POSITIVE_INFINITY;
  let bestLarge = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    bestSmall = Math.min(bestSmall, timeOf(small), timeOf(small), timeOf(small));
    bestLarge = Math.min(bestLarge, timeOf(large));
    if (attempt >= 2 && growth(bestSmall, bestLarge) < LIMIT) break;
  }
  return growth(bestSmall, bestLarge);
}

/** Below half a millisecond the clock counts, not the text. */
function growth(small: number, large: number): number {
  return large / Math.max(small, 0.5);
}

export const LINEAR = LIMIT;
