/** What /proc says about one process. Every function answers undefined once the process is gone. */
import { readFileSync } from 'node:fs';
import { type Mount, parseMountinfo } from './mountinfo.js';
import { parseProcessStat } from './parse-proc.js';

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Whether the very process that was recorded still runs: same pid, same start time (field 22 of /proc/PID/stat, clock ticks
 * since boot). A zombie does not run.
 */
export function isProcessAlive(pid: number, startTime: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const text = readProc(`/proc/${pid}/stat`);
  const stat = text === undefined ? undefined : parseProcessStat(text);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Start time of a process, clock ticks since boot. */
export function readStartTime(pid: number): string | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessStat(text)?.startTime;
}

/** /proc/PID/cgroup as it stands. */
export function readProcessCgroups(pid: number): string | undefined {
  return readProc(`/proc/${pid}/cgroup`);
}

/** The mounts that this process sees, or another one; none once that is gone. */
export function readMounts(pid?: number): Mount[] {
  if (pid !== undefined) return parseMountinfo(readProc(`/proc/${pid}/mountinfo`) ?? '');
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Identifies this boot of the kernel, random(4); '' when the kernel does not tell. */
export function readBootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}
