/** Whose a process is: of the directories under test, of other containers of this host, or neither. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { resolvePaths } from '../../src/system/paths.js';

/** Where the commands under test keep their files. */
export interface Places {
  readonly stateDir: string;
  readonly runDir: string;
}

interface Kinship {
  readonly pid: string;
  readonly parent: string;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly start: number;
}

export interface HostProcess extends Kinship {
  readonly comm: string;
  readonly state: string;
  /**
   * `ours`: its cgroup, environment or command line names the places; `other`: it serves another run directory, or it descends
   * from a program that was there before the tests began; `unknown`: it may be what a test has left.
   */
  readonly owner: 'ours' | 'other' | 'unknown';
}

const NATIVE_PROGRAMS = new Set(['clone-helper', 'ctr-monitor', 'ctr']);

/** Name of the cgroup that holds the containers of these places. */
export function cgroupParentOf(places: Places): string {
  return resolvePaths(places, {}, { uid: 0, home: '/root' }).cgroupParent;
}

/** All processes that are there now, without the zombies that are PID 1's to reap, which it does when it likes. */
export function readProcesses(places: Places): HostProcess[] {
  const cgroupParent = cgroupParentOf(places);
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(pid, places, cgroupParent) ?? [])
    .filter(({ state, parent }) => !(state === 'Z' && parent === '1'));
  const known = new Map(processes.map((process) => [process.pid, process]));
  return processes.map((process) =>
    process.owner === 'unknown' && isForeign(process, known, String(globalThis.process.pid))
      ? { ...process, owner: 'other' }
      : process,
  );
}

/**
 * Whether it descends from something that is older than this test run, and not by way of it. What a test leaves has lost its
 * parents: PID 1 has adopted it, or what it descends from.
 */
export function isForeign(
  process: Kinship,
  known: ReadonlyMap<string, Kinship>,
  /** Pid of the process that runs the tests. */
  runner: string,
): boolean {
  const self = known.get(runner);
  if (process === self) return false;
  let oldest = process;
  for (let parent = known.get(process.parent); parent !== undefined && parent.pid !== '1'; ) {
    if (parent === self) return false;
    oldest = parent;
    parent = known.get(parent.parent);
  }
  return oldest !== process && self !== undefined && oldest.start < self.start;
}

function readProcess(pid: string, places: Places, cgroupParent: string): HostProcess | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  const comm = /^\d+ \((.*)\) /s.exec(stat)?.[1];
  // Fields from the third on; the name before them may hold anything.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (comm === undefined || state === undefined || parent === undefined) return undefined;
  return { pid, comm, state, parent, start: Number(rest[17]), owner: ownerOf(pid, comm, places, cgroupParent) };
}

function ownerOf(pid: string, comm: string, places: Places, cgroupParent: string): HostProcess['owner'] {
  const groups = attempt(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? '';
  const group = /\/(ctr(?:-[0-9a-f]+)?)(?:\/|$)/m.exec(groups)?.[1];
  const words = ['cmdline', 'environ'].map((file) => attempt(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? '');
  if (group === cgroupParent || words.some((text) => text.includes(places.runDir))) return 'ours';
  if (group !== undefined) return 'other';
  const program = attempt(() => basename(readlinkSync(`/proc/${pid}/exe`)).replace(' (deleted)', '')) ?? comm;
  if (!NATIVE_PROGRAMS.has(program)) return 'unknown';
  // One that names no directory of ours in its command line has a run directory of somebody else there.
  return program === 'ctr' || words[0]?.includes('/containers/') ? 'other' : 'ours';
}

/** Masters of ptys that these processes hold open, one word each. */
export function listPtyMasters(processes: readonly HostProcess[]): Set<string> {
  return new Set(
    processes.flatMap(({ pid }) =>
      (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap((fd) => {
        if (!attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.endsWith('/ptmx')) return [];
        const text = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? '';
        const index = /^tty-index:\s+(\d+)$/m.exec(text)?.[1];
        return index === undefined ? [] : [`${/^mnt_id:\s+(\d+)$/m.exec(text)?.[1]}:${index}`];
      }),
    ),
  );
}

/** What the host shows may be gone in the next instant. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
