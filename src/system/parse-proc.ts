/** Texts of /proc about processes, proc_pid_stat(5), proc_pid_cgroup(5), proc_locks(5). Pure. */

export interface ProcessStat {
  readonly comm: string;
  /** One letter: R, S, D, Z, T, … */
  readonly state: string;
  /** Clock ticks since boot, as text: only ever compared. */
  readonly startTime: string;
}

/** Fields of /proc/PID/stat. The name (field 2) may hold spaces and parentheses, so fields count from the last `)`. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19]?.trim();
  if (!state || !startTime) return undefined;
  return { comm: text.slice(open + 1, close), state, startTime };
}

/** One line of /proc/PID/cgroup. */
export interface CgroupMembership {
  /** v1 controllers, or `name=…`; empty for v2. */
  readonly controllers: readonly string[];
  /** From the hierarchy's top as this process's cgroup namespace sees it. */
  readonly path: string;
}

/** Lines `ID:CONTROLLERS:PATH`; the path may hold colons. */
export function parseProcessCgroups(text: string): CgroupMembership[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (!match) return [];
    return { controllers: match[1] === '' ? [] : (match[1] ?? '').split(','), path: match[2] ?? '/' };
  });
}

/** Pids of the processes that took a flock on the file with this inode number. */
export function parseFlockHolders(locks: string, inode: number): number[] {
  return locks.split('\n').flatMap((line) => {
    const match = /^\d+:\s+FLOCK\s+\S+\s+\S+\s+(\d+)\s+\S+:\S+:(\d+)\s/.exec(line);
    return match && Number(match[2]) === inode ? Number(match[1]) : [];
  });
}
