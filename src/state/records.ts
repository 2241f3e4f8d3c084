/** The files `state` and `exit` of a run directory: lines "key value" (docs/architecture.md). Pure. */

/** Written by the starter while the container runs. */
export interface RunRecord {
  /** Boot id. */
  readonly boot: string;
  /** init, as the host sees it. */
  readonly pid: number;
  /** Its start time, field 22 of /proc/PID/stat. */
  readonly start: string;
  readonly monitor: number;
  readonly monitorStart: string;
  /** Unix time in ms. */
  readonly since: number;
  /** Counts restarts. */
  readonly generation: number;
  readonly consoles: number;
}

/** docs/architecture.md, and `lost`: the monitor was gone, a clean-up wrote the record. */
export const EXIT_REASONS = ['exited', 'killed', 'stopped', 'poweroff', 'reboot', 'failed', 'oom', 'lost'] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** Written by the monitor when init ended. */
export interface ExitRecord {
  readonly boot: string;
  /** Unix time in ms of the start that this exit ended. */
  readonly since: number;
  /** Unix time in ms. */
  readonly time: number;
  readonly status?: number;
  /** Signal number. */
  readonly signal?: number;
  readonly reason: ExitReason;
  /** So many restarts in a row did not last: there was no other. */
  readonly gaveUp?: number;
  /** What is left of it stays until it is destroyed. */
  readonly preserved?: boolean;
}

function parseLines(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) lines.set(line.slice(0, space), line.slice(space + 1));
  }
  return lines;
}

function numberOf(lines: Map<string, string>, key: string): number | undefined {
  const value = lines.get(key);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The record, or undefined when the text is none (empty, cut off, something else). */
export function parseRunRecord(text: string): RunRecord | undefined {
  const lines = parseLines(text);
  const boot = lines.get('boot');
  const [pid, start, monitor, monitorStart, since] = ['pid', 'start', 'monitor', 'monitor-start', 'since'].map((key) =>
    numberOf(lines, key),
  );
  if (!boot || !pid || start === undefined || !monitor || monitorStart === undefined || since === undefined) return;
  return {
    boot,
    pid,
    start: String(start),
    monitor,
    monitorStart: String(monitorStart),
    since,
    generation: numberOf(lines, 'generation') ?? 0,
    consoles: numberOf(lines, 'console') ?? 0,
  };
}

/** The record, or undefined when the text is none. */
export function parseExitRecord(text: string): ExitRecord | undefined {
  const lines = parseLines(text);
  const boot = lines.get('boot');
  const since = numberOf(lines, 'since');
  const time = numberOf(lines, 'time');
  const reason = EXIT_REASONS.find((known) => known === lines.get('reason'));
  if (!boot || since === undefined || time === undefined || reason === undefined) return undefined;
  const status = numberOf(lines, 'status');
  const signal = numberOf(lines, 'signal');
  const gaveUp = numberOf(lines, 'gave-up');
  return {
    boot,
    since,
    time,
    reason,
    ...(status === undefined ? {} : { status }),
    ...(signal === undefined ? {} : { signal }),
    ...(gaveUp === undefined ? {} : { gaveUp }),
    ...(lines.has('preserved') ? { preserved: true } : {}),
  };
}
