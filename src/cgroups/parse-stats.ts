/** Texts of cgroup files, v1 and v2. Pure. */

/** v1 writes "no limit" as the largest page count (2^63 rounded down to a page). */
const V1_UNLIMITED = 2 ** 62;

/** A number; undefined for `max`, for v1's "no limit" and for a missing file. */
export function parseLimit(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (!trimmed || !/^\d+$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value >= V1_UNLIMITED ? undefined : value;
}

/** CPU time in ns: the lone number of cpuacct.usage, or usage_usec of cpu.stat. */
export function parseNanoseconds(text: string | undefined): number | undefined {
  const microseconds = /^usage_usec (\d+)$/m.exec(text ?? '')?.[1];
  return microseconds === undefined ? parseLimit(text) : Number(microseconds) * 1000;
}

/** `oom_kill N` of memory.oom_control (v1) and memory.events (v2). */
export function parseOomKills(text: string | undefined): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

/** How often a limit was in the way: the lone number of memory.failcnt, `max N` of memory.events, pids.events and their like. */
export function parseLimitHits(text: string | undefined): number | undefined {
  const count = /^max (\d+)$/m.exec(text ?? '')?.[1];
  return count === undefined ? parseLimit(text) : Number(count);
}

/**
 * The group of container `name` that a process's group is, or is below: inside, init may have made groups of its own.
 * Undefined when the process is outside of any.
 */
export function containerGroup(path: string, name: string): string | undefined {
  const segments = path.split('/');
  // Segment 0 is empty, segment 1 at the earliest is ctr's own.
  const index = segments.indexOf(name, 2);
  return index < 0 ? undefined : segments.slice(0, index + 1).join('/');
}
