/** Lists of CPUs and memory nodes as the kernel writes them (`0-3,8`, cpuset(7)), and as bit masks. Pure. */

/** More than any kernel is built for (NR_CPUS, MAX_NUMNODES). */
const MOST = 8192;
/** The kernel takes masks as arrays of unsigned long. */
const WORD_BYTES = 8;

/** The mask of a list, little endian, whole words; undefined when the text is no list, or an empty one. */
export function maskOf(list: string): Uint8Array | undefined {
  const numbers = new Set<number>();
  for (const part of list.trim().split(',')) {
    const range = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (range === null || first > last || last >= MOST) return undefined;
    for (let number = first; number <= last; number += 1) numbers.add(number);
  }
  const mask = new Uint8Array(WORD_BYTES * Math.ceil((Math.max(...numbers) + 1) / (8 * WORD_BYTES)));
  for (const number of numbers) mask[number >> 3] = (mask[number >> 3] ?? 0) | (1 << (number & 7));
  return mask;
}
