/** Whose a process is: of the directories under test, or of something else on this host. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolvePaths } from '../../src/system/paths.js';

/** Where the commands under test keep their files. */
export interface Places {
  readonly stateDir: string;
  readonly runDir: string;
}

/**
 * `ours`: its cgroup, environment or command line names the places, or it descends from such a process; `tests`: it descends from
 * the process that runs the tests; `other`: something else of this host has started it; `unknown`: nothing tells.
 */
export type Owner = 'ours' | 'tests' | 'other' | 'unknown';

/** What a process shows of itself. */
export interface Traces {
  readonly pid: string;
  readonly parent: string;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly start: number;
  /** Whether it names the places; undefined when it shows nothing: a zombie, a kernel thread. */
  readonly namesPlaces: boolean | undefined;
}

export interface HostProcess extends Traces {
  readonly comm: string;
  readonly state: string;
  readonly owner: Owner;
}

/** What the cgroups of the containers of these places begin with. */
export function cgroupPrefixOf(places: Places): string {
  return resolvePaths(places, {}, { uid: 0, home: '/root' }).cgroupPrefix;
}

/** All processes that are there now, without the zombies that are PID 1's to reap, which it does when it likes. */
export function readProcesses(places: Places): HostProcess[] {
  const cgroupPrefix = cgroupPrefixOf(places);
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(pid, places, cgroupPrefix) ?? [])
    .filter(({ state, parent }) => !(state === 'Z' && parent === '1'));
  const known = new Map(processes.map((process) => [process.pid, process]));
  return processes.map((one) => ({ ...one, owner: ownerOf(one, known, String(process.pid)) }));
}

/**
 * What a test leaves names its directories, or has an ancestor that does: a monitor, a helper. What has none and shows an
 * environment, or a command line, in which they are missing was started by somebody else, who may well do so while the tests run.
 *
 * @param runner pid of the process that runs the tests
 */
export function ownerOf(process: Traces, known: ReadonlyMap<string, Traces>, runner: string): Owner {
  let oldest = process;
  for (let at: Traces | undefined = process; at !== undefined && at.pid !== '1'; at = known.get(at.parent)) {
    if (at.namesPlaces) return 'ours';
    if (at.pid === runner) return 'tests';
    oldest = at;
  }
  const isOlder = oldest.start < (known.get(runner)?.start ?? 0);
  return isOlder || oldest.namesPlaces === false ? 'other' : 'unknown';
}

function readProcess(pid: string, places: Places, cgroupPrefix: string): Omit<HostProcess, 'owner'> | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  const comm = /^\d+ \((.*)\) /s.exec(stat)?.[1];
  // Fields from the third on; the name before them may hold anything.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (comm === undefined || state === undefined || parent === undefined) return undefined;
  return { pid, comm, state, parent, start: Number(rest[17]), namesPlaces: namesPlaces(pid, places, cgroupPrefix) };
}

function namesPlaces(pid: string, { runDir }: Places, cgroupPrefix: string): boolean | undefined {
  const read = (file: string) => attempt(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? '';
  const group = /\/(ctr(?:-[0-9a-f]+)?)\./m.exec(read('cgroup'))?.[1];
  const environment = read('environ').replaceAll('\0', '');
  const commandLine = read('cmdline');
  if (group === cgroupPrefix || environment.includes(runDir) || commandLine.includes(runDir)) return true;
  return group === undefined && environment === '' && commandLine === '' ? undefined : false;
}

/** Masters of ptys that these processes hold open, one line each. */
export function listPtyMasters(processes: readonly HostProcess[]): string[] {
  const masters = processes.flatMap(({ pid, comm }) =>
    (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap((fd) => {
      if (!attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.endsWith('ptmx')) return [];
      const text = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? '';
      const index = /^tty-index:\s+(\d+)$/m.exec(text)?.[1];
      return index === undefined ? [] : [`${index} of ${pid}  (${comm})`];
    }),
  );
  return [...new Set(masters)];
}

/** What the host shows may be gone in the next instant. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
