/** stats: what running containers use. A handful of files each, and no program run. */
import { type GroupReader, openGroups } from '../cgroups/find-groups.js';
import { type CgroupStats, readCgroupStats } from '../cgroups/read-stats.js';
import { CtrError } from '../errors.js';
import { type LinkCounters, listLinks } from '../network/parse-proc-net.js';
import { readLinks, sharesNetwork } from '../network/read-net.js';
import { notFound } from '../state/store.js';
import { type CgroupMounts, findCgroupMounts } from '../system/host-cgroups.js';
import { readMounts, readProcessCgroups } from '../system/procfs.js';
import { type CtrOptions, checkName } from './context.js';
import { compareNames, eachListed, type ListEntry, type ListedContainer } from './list.js';
import { matchNames } from './match-names.js';

/** Sizes are bytes, CPU time is ns, all of them since its start. What the host does not count is absent. */
export interface ContainerStats extends CgroupStats {
  readonly name: string;
  readonly state: 'running' | 'paused';
  /** init, as the host sees it. */
  readonly pid: number;
  /** When it was started, ISO 8601. */
  readonly since: string;
  /** When this was read, ISO 8601. */
  readonly time: string;
  /** What its links received and sent; absent where the network is the host's. */
  readonly rxBytes?: number;
  readonly txBytes?: number;
}

export interface StatsOptions extends CtrOptions {
  /** Names, or patterns of them with `*`, `?` and `[…]`; default all that run. */
  readonly names?: readonly string[] | undefined;
}

/**
 * What containers use, sorted by name; one that ends meanwhile is left out.
 *
 * @throws CtrError CTR_BAD_NAME, CTR_NOT_FOUND, CTR_NOT_RUNNING for a name, but none for a pattern that fits nothing
 */
export function stats(options: StatsOptions = {}): ContainerStats[] {
  const { names = [] } = options;
  const patterns = names.filter((name) => /[*?[]/.test(name));
  const plain = names.filter((name) => !patterns.includes(name));
  for (const name of plain) checkName(name);
  const readUse = openUse();
  const seen = new Map<string, ListEntry>();
  const used: ContainerStats[] = [];
  // Of those that are named, the ones that do not run have to be told from those that are not there.
  for (const container of eachListed({ ...options, all: plain.length > 0 })) {
    const { entry } = container;
    if (names.length > 0 && !matchNames(entry.name, names)) continue;
    if (plain.length > 0) seen.set(entry.name, entry);
    const use = readUse(container);
    if (use !== undefined) used.push(use);
  }
  for (const name of plain) checkRuns(name, seen.get(name));
  return used.sort(compareNames);
}

/** What one uses by the files that the front door has read of it, else by those that are read now; undefined where it does not run. */
export function openUse(): (container: ListedContainer) => ContainerStats | undefined {
  let mounts: CgroupMounts | undefined;
  return ({ entry, files }) => {
    if (files !== undefined) return takeStats(entry, files);
    mounts ??= findCgroupMounts(readMounts());
    return readStats(entry, mounts);
  };
}

function checkRuns(name: string, entry: ListEntry | undefined): void {
  if (entry === undefined) throw notFound('show the use of', name);
  if (entry.pid === undefined)
    throw new CtrError('CTR_NOT_RUNNING', `cannot show the use of '${name}': it does not run`, {
      hint: `ctr info ${name} shows how it ended`,
    });
}

/** @returns undefined for one that does not run */
function readStats(entry: ListEntry, mounts: CgroupMounts): ContainerStats | undefined {
  const groups = entry.pid === undefined ? undefined : readProcessCgroups(entry.pid);
  if (groups === undefined || entry.pid === undefined) return undefined;
  const links = sharesNetwork(entry.pid) ? undefined : readLinks(entry.pid);
  return statsOf(entry, openGroups(mounts, groups, entry.name), links);
}

/** The same of files that were read already. */
function takeStats(entry: ListEntry, files: ReadonlyMap<string, string>): ContainerStats | undefined {
  const dev = files.get('dev');
  // Of two that mean the same, the one of the container's hierarchy is there.
  const read: GroupReader = (_controller, v1 = '', v2 = '') => files.get(v1) ?? files.get(v2);
  return statsOf(entry, read, dev === undefined ? undefined : listLinks(dev));
}

/** @param links undefined: those of a network that is the host's are not the container's */
function statsOf(
  { name, state, pid, since }: ListEntry,
  read: GroupReader,
  links: readonly LinkCounters[] | undefined,
) {
  if (pid === undefined || since === undefined || (state !== 'running' && state !== 'paused')) return undefined;
  const sum = (key: 'rxBytes' | 'txBytes') => links?.reduce((total, link) => total + link[key], 0) ?? 0;
  const traffic = links === undefined ? {} : { rxBytes: sum('rxBytes'), txBytes: sum('txBytes') };
  return { name, state, pid, since, time: new Date().toISOString(), ...readCgroupStats(read), ...traffic };
}
