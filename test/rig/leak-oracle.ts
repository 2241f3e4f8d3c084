/**
 * What a container could leave behind on the host, listed before and after a test. A difference fails the test.
 *
 * Namespaces are found by their inodes in /proc/PID/ns: a process that outlives its container holds one, whatever it calls itself.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { attempt, cgroupPrefixOf, type HostProcess, listPtyMasters, type Places, readProcesses } from './belongs.js';
import { slow } from './slow.js';

export type { Places } from './belongs.js';

/** One line per thing, by kind. A kind that is missing could not be told from what other containers of this host do. */
export type Snapshot = Readonly<Record<string, ReadonlySet<string>>>;

/** Ports that the kernel takes away in its own time; swept by whoever marks the next. */
const DYING_PORTS = /^run\/dying-ports(?:\/|$)/;
/** What any command may make once in its two directories. */
const SKELETON = new Set([
  'run/lock',
  'run/containers',
  'run/networks',
  'run/set-ups.json',
  'state/lock',
  'state/containers',
  'state/lock-networks',
  'state/networks',
]);
/** Slots of runs, with their ids and compiled plans: they stay for the next run, until `gc`. */
const RUN_SLOTS = /^run\/runs(?:\/\d+(?:\/(?:lock|ids|dir(?:\/lock)?|[0-9a-f]{16}(?:\.key)?))?)?$/;
/** Of these, something that is gone is no leak: other programs of the host end as they like. */
const MAY_SHRINK = new Set(['namespace', 'process', 'pty', 'file', 'lock']);
/** What other programs call their links and bridges. */
const LINKS_OF_OTHERS = /^(veth|vnet|virbr|lxc|docker|podman|cni|ve-|vb-|vz-|tap|tun)/;
/** Network namespaces and ptys are torn down by the kernel after the last process is gone. */
const SETTLE_MS = slow(4000);

/** Lists everything now. */
export function takeSnapshot(places: Places): Snapshot {
  const processes = readProcesses(places).filter(({ owner }) => owner !== 'other');
  const groups = listCgroups();
  const prefix = cgroupPrefixOf(places);
  const isOurs = (path: string) => path.includes(`/${prefix}.`);
  const othersRun = groups.some((path) => /\/ctr(-[0-9a-f]+)?\.[^/]+$/.test(path) && !isOurs(path));
  return {
    mount: new Set(listMounts()),
    namespace: new Set(listNamespaces(processes)),
    cgroup: new Set(groups.filter(isOurs)),
    process: new Set(processes.flatMap((process) => describeIfOurs(process) ?? [])),
    file: new Set([...listFiles(places, places.stateDir, 'state'), ...listFiles(places, places.runDir, 'run')]),
    lock: new Set(listLocks(places.runDir)),
    shm: new Set(attempt(() => readdirSync('/dev/shm')) ?? []),
    'loop device': new Set(listLoopDevices(places)),
    'device node': new Set(['/dev/null', '/dev/zero', '/dev/tty', '/dev/ptmx'].flatMap(describeNode)),
    pty: new Set(listPtyMasters(processes)),
    // No link says whose it is: a bridge may be that of another run directory.
    ...(othersRun
      ? {}
      : { link: new Set(readdirSync('/sys/class/net').filter((name) => !LINKS_OF_OTHERS.test(name))) }),
  };
}

/**
 * Waits until nothing differs from `before`, at most some seconds; returns what still differs, one line each.
 *
 * @param expected kinds that differ for a good reason
 */
export async function findLeaks(before: Snapshot, places: Places, expected: readonly string[] = []): Promise<string[]> {
  const deadline = Date.now() + SETTLE_MS;
  // What could not be told at any time of these is not told: somebody else has come or gone meanwhile.
  const told = new Set(Object.keys(before).filter((kind) => !expected.includes(kind)));
  for (;;) {
    const after = takeSnapshot(places);
    for (const kind of told) if (after[kind] === undefined) told.delete(kind);
    const leaks = compareSnapshots(
      before,
      Object.fromEntries(Object.entries(after).filter(([kind]) => told.has(kind))),
    );
    if (leaks.length === 0 || Date.now() > deadline) return leaks;
    await delay(50);
  }
}

/** `+` is new, `-` is gone. */
export function compareSnapshots(before: Snapshot, after: Snapshot): string[] {
  return Object.keys(after).flatMap((kind) => {
    const old = before[kind];
    const now = after[kind];
    if (old === undefined || now === undefined) return [];
    const added = [...now].filter((line) => !hasKey(old, line)).map((line) => `+ ${kind} ${line}`);
    const gone = MAY_SHRINK.has(kind)
      ? []
      : [...old].filter((line) => !hasKey(now, line)).map((line) => `- ${kind} ${line}`);
    return [...added, ...gone];
  });
}

/** Lines may end with a remark behind two spaces, which does not count. */
function hasKey(lines: ReadonlySet<string>, line: string): boolean {
  if (lines.has(line)) return true;
  const key = line.split('  ')[0];
  return [...lines].some((other) => other.split('  ')[0] === key);
}

function listMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const fields = line.split(' ');
      const separator = fields.indexOf('-');
      return `${fields[4]} (${fields[separator + 1]} ${fields[3]})`;
    });
}

function listNamespaces(processes: readonly HostProcess[]): string[] {
  const holders = new Map<string, string>();
  for (const { pid, comm } of processes) {
    for (const type of attempt(() => readdirSync(`/proc/${pid}/ns`)) ?? []) {
      const inode = attempt(() => readlinkSync(`/proc/${pid}/ns/${type}`));
      if (inode !== undefined && !holders.has(inode)) holders.set(inode, `  held by ${pid} (${comm})`);
    }
  }
  return [...holders].map(([inode, holder]) => inode + holder);
}

/** Groups of any hierarchy that a ctr has made. */
function listCgroups(): string[] {
  const tops = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '');
  return [...new Set(tops)].flatMap(listDirectories).filter((path) => /\/ctr(-[0-9a-f]+)?(\/|$)/.test(path));
}

function listDirectories(path: string): string[] {
  const entries = attempt(() => readdirSync(path, { withFileTypes: true })) ?? [];
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(path, entry.name), ...listDirectories(join(path, entry.name))]);
}

function describeIfOurs({ pid, comm, state, parent, owner }: HostProcess): string | undefined {
  if (owner !== 'ours') return undefined;
  return `${pid} (${comm})  state ${state}, parent ${parent}`;
}

/** The run directory of a container that is defined, and its lock: whatever changed the container made them. */
function isPlaceOf({ stateDir }: Places, file: string): boolean {
  const name = /^run\/containers\/([^/]+)(?:\/lock)?$/.exec(file)?.[1];
  return name !== undefined && existsSync(join(stateDir, 'containers', name, 'definition'));
}

function listFiles(places: Places, directory: string, label: string): string[] {
  const names = attempt(() => readdirSync(directory, { recursive: true, encoding: 'utf8' })) ?? [];
  return names
    .map((name) => `${label}/${name}`)
    .filter(
      (name) => !SKELETON.has(name) && !RUN_SLOTS.test(name) && !DYING_PORTS.test(name) && !isPlaceOf(places, name),
    );
}

/** Locks somebody holds on a file of the run directory. */
function listLocks(runDir: string): string[] {
  const table = attempt(() => readFileSync('/proc/locks', 'utf8')) ?? '';
  const held = new Set(table.split('\n').map((line) => line.split(/\s+/)[5]?.split(':')[2]));
  const names = attempt(() => readdirSync(runDir, { recursive: true, encoding: 'utf8' })) ?? [];
  return names.filter((name) => {
    const inode = attempt(() => lstatSync(join(runDir, name)).ino);
    return inode !== undefined && held.has(String(inode));
  });
}

/** Those that show a file beside the two directories: other programs of the host have loop devices too. */
function listLoopDevices({ stateDir }: Places): string[] {
  const below = `${dirname(stateDir)}/`;
  const devices = (attempt(() => readdirSync('/sys/block')) ?? []).filter((name) => name.startsWith('loop'));
  return devices.flatMap((name) => {
    const file = attempt(() => readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trimEnd());
    return file?.startsWith(below) ? [`${name} ${file}`] : [];
  });
}

/** Owner and mode of a node of the host: a runtime that hands its own stdio to a container can change them. */
function describeNode(path: string): string[] {
  const stat = attempt(() => statSync(path));
  return stat === undefined ? [] : [`${path} ${stat.uid}:${stat.gid} ${stat.mode.toString(8)}`];
}
