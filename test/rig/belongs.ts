/** Whose a process is: of the directories under test, of other containers of this host, or neither. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { resolvePaths } from '../../src/system/paths.js';

/** Where the commands under test keep their files. */
export interface Places {
  readonly stateDir: string;
  readonly runDir: string;
}

export interface HostProcess {
  readonly pid: string;
  readonly comm: string;
  readonly state: string;
  readonly parent: string;
  /** `ours`: its cgroup, environment or command line names the places; `other`: it serves another run directory. */
  readonly owner: 'ours' | 'other' | 'unknown';
}

const NATIVE_PROGRAMS = new Set(['clone-helper', 'ctr-monitor']);

/** Name of the cgroup that holds the containers of these places. */
export function cgroupParentOf(places: Places): string {
  return resolvePaths(places, {}, { uid: 0, home: '/root' }).cgroupParent;
}

/** All processes that are there now, without the zombies that are PID 1's to reap, which it does when it likes. */
export function readProcesses(places: Places): HostProcess[] {
  const cgroupParent = cgroupParentOf(places);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(pid, places, cgroupParent) ?? [])
    .filter(({ state, parent }) => !(state === 'Z' && parent === '1'));
}

function readProcess(pid: string, places: Places, cgroupParent: string): HostProcess | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const [, comm, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(stat ?? '') ?? [];
  if (comm === undefined || state === undefined || parent === undefined) return undefined;
  return { pid, comm, state, parent, owner: ownerOf(pid, comm, places, cgroupParent) };
}

function ownerOf(pid: string, comm: string, places: Places, cgroupParent: string): HostProcess['owner'] {
  const groups = attempt(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? '';
  const group = /\/(ctr(?:-[0-9a-f]+)?)(?:\/|$)/m.exec(groups)?.[1];
  const words = ['cmdline', 'environ'].map((file) => attempt(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? '');
  if (group === cgroupParent || words.some((text) => text.includes(places.runDir))) return 'ours';
  if (group !== undefined) return 'other';
  const program = attempt(() => basename(readlinkSync(`/proc/${pid}/exe`)).replace(' (deleted)', '')) ?? comm;
  // A helper that names no directory of ours in its command line has a run directory of somebody else there.
  return NATIVE_PROGRAMS.has(program) && words[0]?.includes('/containers/')
    ? 'other'
    : NATIVE_PROGRAMS.has(program)
      ? 'ours'
      : 'unknown';
}

/** What the host shows may be gone in the next instant. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
