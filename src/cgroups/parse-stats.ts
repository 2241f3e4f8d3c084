/** Texts of cgroup files, v1 and v2. Pure. */
import { containerOfAny } from './group-name.js';

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

/**
 * The group of container `name` that a process's group is, or is below: inside, init may have made groups of its own.
 * Undefined when the process is outside of any.
 */
export function containerGroup(path: string, name: string): string | undefined {
  const segments = path.split('/');
  const index = segments.findIndex((segment) => containerOfAny(segment) === name);
  return index < 0 ? undefined : segments.slice(0, index + 1).join('/');
}

/** Numbers of a file with lines `KEY N`: memory.stat, cpu.stat, memory.events, pids.events, memory.oom_control. */
export function parseKeyed(text: string | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of (text ?? '').split('\n')) {
    const space = line.indexOf(' ');
    const value = Number(line.slice(space + 1));
    if (space > 0 && Number.isSafeInteger(value)) values.set(line.slice(0, space), value);
  }
  return values;
}

/** Bytes that went to and from block devices, all of them together. */
export interface IoBytes {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** io.stat (v2): `MAJOR:MINOR rbytes=N wbytes=N …`, or blkio.throttle.io_service_bytes_recursive (v1): `MAJOR:MINOR Read N`. */
export function parseIoBytes(text: string | undefined): IoBytes | undefined {
  if (text === undefined) return undefined;
  const sum = (pattern: RegExp) => [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    readBytes: sum(/^\d+:\d+ (?:.* )?(?:rbytes=|Read )(\d+)/gm),
    writeBytes: sum(/^\d+:\d+ (?:.* )?(?:wbytes=|Write )(\d+)/gm),
  };
}

/** Share of the last seconds, in percent, in which some (or all) that wanted to run waited for it; and µs in all. */
export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: number;
}

export interface Pressure {
  readonly some: PressureLine;
  readonly full?: PressureLine;
}

/** cpu.pressure, memory.pressure, io.pressure (Documentation/accounting/psi.rst). */
export function parsePressure(text: string | undefined): Pressure | undefined {
  const some = pressureLine(text, 'some');
  const full = pressureLine(text, 'full');
  return some === undefined ? undefined : { some, ...(full === undefined ? {} : { full }) };
}

function pressureLine(text: string | undefined, kind: string): PressureLine | undefined {
  const match = new RegExp(`^${kind} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)$`, 'm').exec(
    text ?? '',
  );
  if (match === null) return undefined;
  const [avg10 = 0, avg60 = 0, avg300 = 0, totalUs = 0] = match.slice(1).map(Number);
  return { avg10, avg60, avg300, totalUs };
}
