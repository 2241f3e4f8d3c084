/** stats: what running containers use. A handful of files each, and no program run. */
import { openGroups } from '../cgroups/find-groups.js';
import { type CgroupStats, readCgroupStats } from '../cgroups/read-stats.js';
import { CtrError } from '../errors.js';
import { readLinks, sharesNetwork } from '../network/read-net.js';
import { notFound } from '../state/store.js';
import { type CgroupMounts, findCgroupMounts } from '../system/host-cgroups.js';
import { readMounts, readProcessCgroups } from '../system/procfs.js';
import { type CtrOptions, checkName } from './context.js';
import { type ListEntry, list } from './list.js';
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
  // Of those that are named, the ones that do not run have to be told from those that are not there.
  const known = list({ ...options, all: plain.length > 0 });
  for (const name of plain) checkRuns(name, known);
  const mounts = findCgroupMounts(readMounts());
  const wanted = names.length === 0 ? known : known.filter(({ name }) => matchNames(name, names));
  return wanted.flatMap((entry) => readStats(entry, mounts) ?? []);
}

function checkRuns(name: string, known: readonly ListEntry[]): void {
  const entry = known.find((other) => other.name === name);
  if (entry === undefined) throw notFound('show the use of', name);
  if (entry.pid === undefined)
    throw new CtrError('CTR_NOT_RUNNING', `cannot show the use of '${name}': it does not run`, {
      hint: `ctr info ${name} shows how it ended`,
    });
}

/** @returns undefined for one that does not run */
export function readStats({ name, state, pid, since }: ListEntry, mounts: CgroupMounts): ContainerStats | undefined {
  if (pid === undefined || since === undefined || (state !== 'running' && state !== 'paused')) return undefined;
  const groups = readProcessCgroups(pid);
  if (groups === undefined) return undefined;
  const time = new Date().toISOString();
  return { name, state, pid, since, time, ...readCgroupStats(openGroups(mounts, groups, name)), ...readTraffic(pid) };
}

/** The links of a network that is the host's are not the container's. */
function readTraffic(pid: number): { rxBytes?: number; txBytes?: number } {
  if (sharesNetwork(pid)) return {};
  let rxBytes = 0;
  let txBytes = 0;
  for (const link of readLinks(pid)) {
    rxBytes += link.rxBytes;
    txBytes += link.txBytes;
  }
  return { rxBytes, txBytes };
}
