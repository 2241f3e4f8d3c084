/** info: everything about one container. */

import { openGroups } from '../cgroups/find-groups.js';
import type { Pressure } from '../cgroups/parse-stats.js';
import { type CgroupDetails, readCgroupDetails, readCgroupStats } from '../cgroups/read-stats.js';
import { type ContainerSpec, givesUp, type TextFormat } from '../config/index.js';
import { nameLinks } from '../network/name-links.js';
import { type NetAddress, readAddresses, readLinks, sharesNetwork } from '../network/read-net.js';
import { describeExit, type StateName } from '../state/compute-state.js';

import type { ContainerStatus } from '../state/read-state.js';
import type { ExitReason } from '../state/records.js';
import { definitionPath, isDefined, notFound, readContainerRecord } from '../state/store.js';
import { findCgroupMounts } from '../system/host-cgroups.js';
import { servesLxcfs } from '../system/lxcfs.js';
import type { Paths } from '../system/paths.js';
import { readMounts, readProcessCgroups } from '../system/procfs.js';
import { signalName } from '../system/signals.js';
import { rootOf } from './check-startable.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { describeResolvConf, type ResolvConfInfo } from './describe-resolv-conf.js';
import { readSpec } from './read-spec.js';
import { statusOf } from './reconcile.js';
import { readRunningSpec } from './running-spec.js';

export { describeExit };

/** How the last run ended. */
export interface ExitInfo {
  readonly reason: ExitReason;
  /** Exit status, when init ended by itself. */
  readonly status?: number;
  /** Number of the signal that ended it, and its name without SIG. */
  readonly signal?: number;
  readonly signalName?: string;
  /** ISO 8601. */
  readonly time: string;
}

export interface InterfaceInfo {
  readonly type: string;
  readonly source?: string;
  /** Name inside. */
  readonly guestName: string;
  /** Name of the host's end. */
  readonly hostName: string;
  readonly mac: string;
  /** What the container received and sent by it; while it runs. */
  readonly rxBytes?: number;
  readonly txBytes?: number;
  readonly rxPackets?: number;
  readonly txPackets?: number;
}

/** What is not counted on this host, or has no limit, is absent. */
export interface MemoryInfo {
  readonly usedBytes?: number;
  readonly peakBytes?: number;
  readonly limitBytes?: number;
  readonly softLimitBytes?: number;
  /** Of what is used: copies of files, which the kernel can drop; and what it needs for the container itself. */
  readonly cacheBytes?: number;
  readonly kernelBytes?: number;
  readonly swapBytes?: number;
  /** Of memory and swap together on cgroup v1, of swap alone on v2. */
  readonly swapLimitBytes?: number;
  readonly oomKills?: number;
  /** How often the limit was in the way. */
  readonly limitHits?: number;
}

export interface PidsInfo {
  readonly used?: number;
  readonly peak?: number;
  readonly limit?: number;
  /** How often it was refused another process. */
  readonly limitHits?: number;
}

export interface CpuInfo {
  readonly usedNs: number;
  readonly userNs?: number;
  readonly systemNs?: number;
  /** How often, and how long, it waited for its quota. */
  readonly throttledPeriods?: number;
  readonly throttledNs?: number;
  readonly quotaUs?: number;
  readonly periodUs?: number;
  readonly cpuset?: string;
}

/** Sizes are bytes, times ISO 8601, CPU time ns. What does not apply is absent. */
export interface ContainerInfo {
  readonly name: string;
  readonly uuid?: string;
  readonly state: StateName;
  readonly reason?: string;
  /** It runs and nothing defines it: when it ends it is gone. */
  readonly transient?: true;
  readonly pid?: number;
  readonly monitorPid?: number;
  readonly since?: string;
  readonly restarts?: number;
  readonly exit?: ExitInfo;
  /** Host directory that is (or becomes) the root. */
  readonly rootfs?: string;
  readonly rootfsMadeByCtr?: boolean;
  readonly init?: string;
  readonly memory?: MemoryInfo;
  readonly pids?: PidsInfo;
  readonly cpu?: CpuInfo;
  /** Block devices. */
  readonly io?: { readonly readBytes: number; readonly writeBytes: number };
  /** How much of the last 10, 60, 300 s it waited for what was short, in percent. */
  readonly pressure?: { readonly cpu?: Pressure; readonly memory?: Pressure; readonly io?: Pressure };
  /** Its /proc shows its limits, by lxcfs; `dead`: that has ended, and reading them gives ENOTCONN. */
  readonly views?: 'lxcfs' | 'dead';
  /** While it runs with a network of its own. */
  readonly addresses?: readonly NetAddress[];
  readonly interfaces: readonly InterfaceInfo[];
  readonly resolvConf?: ResolvConfInfo;
  readonly consoles: number;
  readonly definition?: string;
  /** How the definition is written. */
  readonly format?: TextFormat;
  /** Why the definition cannot be used. */
  readonly fault?: string;
  /** What the definition gives up of what ctr makes by itself. */
  readonly givesUp: readonly string[];
}

/**
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_NAME. A damaged definition or state is no error here: `state` and `fault` say so
 */
export function info(name: string, options: CtrOptions = {}): ContainerInfo {
  checkName(name);
  const paths = openPaths(options);
  const status = statusOf(paths, name);
  const defined = isDefined(paths, name);
  if (!defined && status.run === undefined && !status.remains) throw notFound('show', name);
  const up = status.state === 'running' || status.state === 'paused';
  const isTransient = up && !defined;
  const found = findSpec(paths, name, up);
  // A run has none.
  const { spec, interfaces, fault } = isTransient && found.spec === undefined ? { ...found, fault: undefined } : found;
  const record = readContainerRecord(paths, name);
  const known = record !== undefined && !('unreadable' in record) ? record : undefined;
  return withoutUndefined({
    name,
    uuid: known?.uuid,
    state: fault !== undefined && !up ? 'unknown' : status.state,
    reason: status.reason,
    transient: isTransient ? (true as const) : undefined,
    ...(up ? runInfo(status) : {}),
    exit: up ? undefined : exitInfo(status),
    rootfs: spec && rootOf(spec),
    rootfsMadeByCtr: known?.rootfsMadeByCtr,
    init: spec?.init.path,
    ...usage(up ? status : undefined, name, spec),
    views: viewsOf(up ? status : undefined),
    ...reach(up ? status : undefined, interfaces),
    resolvConf: spec && describeResolvConf(paths, spec),
    consoles: spec?.consoles.length ?? status.run?.consoles ?? 0,
    definition: defined ? definitionPath(paths, name) : undefined,
    format: defined ? known?.format : undefined,
    fault,
    givesUp: spec === undefined ? [] : givesUp(spec),
  });
}

interface FoundSpec {
  readonly spec?: ContainerSpec;
  readonly interfaces: readonly InterfaceInfo[];
  readonly fault?: string;
}

/** While it runs, what it was started with counts. */
function findSpec(paths: Paths, name: string, up: boolean): FoundSpec {
  try {
    const spec = (up ? readRunningSpec(paths, name) : undefined) ?? readSpec('show', paths, name).spec;
    const record = readContainerRecord(paths, name);
    const uuid = record !== undefined && !('unreadable' in record) ? record.uuid : '';
    return { spec, interfaces: interfaceInfo(spec, uuid) };
  } catch (error) {
    return { interfaces: [], fault: (error as Error).message };
  }
}

function runInfo({ run }: ContainerStatus) {
  if (run === undefined) return {};
  return {
    pid: run.pid,
    monitorPid: run.monitor,
    since: new Date(run.since).toISOString(),
    restarts: run.generation,
  };
}

function exitInfo({ exit }: ContainerStatus): ExitInfo | undefined {
  if (exit === undefined) return undefined;
  const { reason, status, signal, time } = exit;
  return withoutUndefined({
    reason,
    status,
    signal,
    signalName: signal === undefined ? undefined : signalName(signal),
    time: new Date(time).toISOString(),
  });
}

/** Live figures where it runs, else the configured limits. */
function usage(status: ContainerStatus | undefined, name: string, spec: ContainerSpec | undefined) {
  const groups = status?.run === undefined ? undefined : readProcessCgroups(status.run.pid);
  const read = groups === undefined ? undefined : openGroups(findCgroupMounts(readMounts()), groups, name);
  const stats = read === undefined ? {} : readCgroupStats(read);
  const details = read === undefined ? {} : readCgroupDetails(read);
  const { ioReadBytes: readBytes, ioWriteBytes: writeBytes } = stats;
  return {
    memory: withoutUndefined({
      limitBytes: stats.memoryLimitBytes ?? spec?.memory.hardLimitBytes ?? spec?.memory.totalBytes,
      softLimitBytes: details.memorySoftLimitBytes,
      usedBytes: stats.memoryBytes,
      peakBytes: details.memoryPeakBytes,
      cacheBytes: details.cacheBytes,
      kernelBytes: details.kernelBytes,
      swapBytes: details.swapBytes,
      swapLimitBytes: details.swapLimitBytes,
      oomKills: stats.oomKills,
      limitHits: details.memoryLimitHits,
    }),
    pids: withoutUndefined({
      limit: stats.pidsLimit ?? spec?.pids?.max,
      used: stats.pids,
      peak: details.pidsPeak,
      limitHits: details.pidsLimitHits,
    }),
    cpu: stats.cpuNs === undefined ? undefined : cpuInfo(stats.cpuNs, details),
    io: readBytes === undefined || writeBytes === undefined ? undefined : { readBytes, writeBytes },
    pressure: details.pressure,
  };
}

function cpuInfo(usedNs: number, details: CgroupDetails): CpuInfo {
  return withoutUndefined({
    usedNs,
    userNs: details.cpuUserNs,
    systemNs: details.cpuSystemNs,
    throttledPeriods: details.cpuThrottledPeriods,
    throttledNs: details.cpuThrottledNs,
    quotaUs: details.cpuQuotaUs,
    periodUs: details.cpuPeriodUs,
    cpuset: details.cpuset,
  });
}

function viewsOf(status: ContainerStatus | undefined): ContainerInfo['views'] {
  const mounts = status?.run === undefined ? [] : readMounts(status.run.pid);
  const view = mounts.find(({ fstype, mountpoint }) => fstype === 'fuse.lxcfs' && mountpoint === '/proc/meminfo');
  if (view === undefined) return undefined;
  return servesLxcfs(view.device) ? 'lxcfs' : 'dead';
}

/** Links with their counters, and addresses, where it runs with a network of its own. */
function reach(status: ContainerStatus | undefined, interfaces: readonly InterfaceInfo[]) {
  const pid = status?.run?.pid;
  if (pid === undefined || sharesNetwork(pid)) return { interfaces };
  const links = readLinks(pid);
  return {
    addresses: readAddresses(pid),
    interfaces: interfaces.map((entry) => {
      const found = links.find(({ link }) => link === entry.guestName);
      if (found === undefined) return entry;
      const { link: _link, ...counters } = found;
      return { ...entry, ...counters };
    }),
  };
}

function interfaceInfo(spec: ContainerSpec, uuid: string): InterfaceInfo[] {
  return nameLinks(spec.interfaces, uuid).map(({ spec: { type, source }, guest, host, mac }) =>
    withoutUndefined({ type, source, guestName: guest, hostName: host, mac }),
  );
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as WithoutUndefined<T>;
}
