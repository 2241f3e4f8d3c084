/** list --fancy: what `list` says, with how each is set up, how it can be reached and what it uses. */
import type { ContainerSpec } from '../config/index.js';
import { type NetAddress, readAddresses, sharesNetwork } from '../network/read-net.js';
import { findCgroupMounts } from '../system/host-cgroups.js';
import type { Paths } from '../system/paths.js';
import { readMounts } from '../system/procfs.js';
import { openPaths } from './context.js';
import { type ListEntry, type ListOptions, list } from './list.js';
import { loadFormatsOf } from './load-formats-of.js';
import { readSpec } from './read-spec.js';
import { type ContainerStats, readStats } from './stats.js';

/** What does not apply, or cannot be read, is absent. */
export interface ListDetails extends ListEntry {
  readonly autostart?: boolean;
  /** Names of groups that it is started with. */
  readonly groups?: readonly string[];
  /** Whether root inside is nobody in particular outside: it has a user namespace. */
  readonly unprivileged?: boolean;
  /** While it runs with a network of its own. */
  readonly addresses?: readonly NetAddress[];
  readonly interfaces?: readonly string[];
  /** While it runs. */
  readonly stats?: Omit<ContainerStats, 'name' | 'state' | 'pid' | 'since'>;
}

/** As `list`. One that cannot be read has what `list` says of it. */
export async function listDetails(options: ListOptions = {}): Promise<ListDetails[]> {
  const paths = openPaths(options);
  const mounts = findCgroupMounts(readMounts());
  const details: ListDetails[] = [];
  for (const entry of list(options)) {
    const used = readStats(entry, mounts);
    details.push({
      ...entry,
      ...(await readSetUp(paths, entry.name)),
      ...readReach(entry),
      ...(used === undefined ? {} : { stats: rest(used) }),
    });
  }
  return details;
}

function rest({
  name: _name,
  state: _state,
  pid: _pid,
  since: _since,
  ...stats
}: ContainerStats): NonNullable<ListDetails['stats']> {
  return stats;
}

async function readSetUp(paths: Paths, name: string) {
  try {
    await loadFormatsOf(name, paths);
    const { spec } = readSpec('list', paths, name);
    return {
      autostart: spec.autostart?.enabled === true,
      groups: spec.autostart?.groups ?? [],
      unprivileged: spec.idmap !== undefined,
      interfaces: spec.interfaces.map(nameInterface),
    };
  } catch {
    // Damaged or undefined meanwhile: `list` says so.
    return {};
  }
}

function nameInterface({ type, source }: ContainerSpec['interfaces'][number]): string {
  return source ?? type;
}

function readReach({ pid }: ListEntry): { addresses?: readonly NetAddress[] } {
  return pid === undefined || sharesNetwork(pid) ? {} : { addresses: readAddresses(pid) };
}
