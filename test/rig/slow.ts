/** Machines that are slower than the tests were written for: an emulated one, say. */

/** CTR_TEST_SLOW: how many times longer everything may take. */
const SLOWNESS = Number(process.env.CTR_TEST_SLOW ?? 1);

/** A time limit on this machine, in the unit of `limit`. */
export function slow(limit: number): number {
  return limit * SLOWNESS;
}

/** For a test that does so much that it would take longer than it tells. */
export function lacksSpeed(): string | undefined {
  return SLOWNESS > 1 ? 'needs a machine that is not emulated: does too much' : undefined;
}
