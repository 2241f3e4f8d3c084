/** What the cgroups of a running container say: usage and limits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupMounts } from '../system/host-cgroups.js';
import { parseProcessCgroups } from '../system/parse-proc.js';
import { containerGroup, parseLimit, parseLimitHits, parseNanoseconds, parseOomKills } from './parse-stats.js';

/** Each value is there when its controller is. Limits are undefined when there is none. */
export interface CgroupStats {
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  /** Processes that the kernel killed for lack of memory. */
  readonly oomKills?: number;
  /** How often the limit was in the way: memory was reclaimed for it, or there was none left. */
  readonly memoryLimitHits?: number;
  readonly pids?: number;
  readonly pidsLimit?: number;
  /** Processes and threads that were not made for the limit. */
  readonly pidsLimitHits?: number;
  /** CPU time used, in ns. */
  readonly cpuNs?: number;
}

/** Reads the statistics of the group of container `name`, in which the process with this /proc/PID/cgroup text lives. */
export function readCgroupStats(mounts: CgroupMounts, processCgroups: string, name: string): CgroupStats {
  const directory = findDirectories(mounts, processCgroups, name);
  const read = (controller: string, v1File: string, v2File: string) => {
    const v1 = directory.get(controller);
    if (v1 !== undefined) return readText(join(v1, v1File));
    const v2 = directory.get('');
    return v2 === undefined ? undefined : readText(join(v2, v2File));
  };
  return defined({
    memoryBytes: parseLimit(read('memory', 'memory.usage_in_bytes', 'memory.current')),
    memoryLimitBytes: parseLimit(read('memory', 'memory.limit_in_bytes', 'memory.max')),
    oomKills: parseOomKills(read('memory', 'memory.oom_control', 'memory.events')),
    memoryLimitHits: parseLimitHits(read('memory', 'memory.failcnt', 'memory.events')),
    pids: parseLimit(read('pids', 'pids.current', 'pids.current')),
    pidsLimit: parseLimit(read('pids', 'pids.max', 'pids.max')),
    pidsLimitHits: parseLimitHits(read('pids', 'pids.events', 'pids.events')),
    cpuNs: parseNanoseconds(read('cpuacct', 'cpuacct.usage', 'cpu.stat')),
  });
}

/** Controller ('' for v2) to the directory of the container's group. */
function findDirectories(mounts: CgroupMounts, processCgroups: string, name: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { controllers, path } of parseProcessCgroups(processCgroups)) {
    const group = containerGroup(path, name);
    if (group === undefined) continue;
    if (controllers.length === 0 && mounts.v2 !== undefined) found.set('', join(mounts.v2, group));
    for (const controller of controllers) {
      const mountpoint = mounts.v1[controller];
      if (mountpoint !== undefined) found.set(controller, join(mountpoint, group));
    }
  }
  return found;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function defined<T extends Record<string, number | undefined>>(values: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: number;
  };
}
