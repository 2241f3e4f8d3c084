import type { ContainerSpec, NumaSpec, RlimitSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op, OpOf } from '../exec/plan.js';
import { maskOf } from './cpu-mask.js';

type ProcessPart = Pick<ContainerSpec, 'name' | 'process' | 'numa'>;

/** RLIMIT_* by name, `<asm-generic/resource.h>`: the same on every machine that this runs on. */
const RLIMITS = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
] as const;

const RLIM_INFINITY = 2n ** 64n - 1n;

/** MPOL_* of set_mempolicy(2). `restrictive` is what the cpuset alone gives. */
const MEMORY_POLICIES: Readonly<Record<NumaSpec['mode'], number>> = {
  preferred: 1,
  strict: 2,
  interleave: 3,
  restrictive: 2,
};

/** These make the process another one, or are written by the start itself. */
const FORBIDDEN_PROC_FILES = new Set(['mem', 'setgroups', 'timens_offsets', 'uid_map', 'gid_map', 'projid_map']);

/** What the starter sets from outside, since the process itself may lack the right. @throws CtrError CTR_UNSUPPORTED */
export function planOuterProcess({ name, process = {} }: ProcessPart): Op[] {
  const { oomScoreAdj, nice, procFiles = [] } = process;
  if (oomScoreAdj !== undefined && !isBetween(oomScoreAdj, -1000, 1000))
    throw refuse(name, `an oom score adjustment of ${oomScoreAdj} is not from -1000 to 1000`);
  if (nice !== undefined && !isBetween(nice, -20, 19))
    throw refuse(name, `a nice value of ${nice} is not from -20 to 19`);
  const forbidden = procFiles.find(({ file }) => !/^[a-z_-]+$/.test(file) || FORBIDDEN_PROC_FILES.has(file));
  if (forbidden !== undefined)
    throw refuse(name, `'${forbidden.file}' of /proc/PID is not for a configuration to write`);
  return [
    ...(oomScoreAdj === undefined
      ? []
      : [{ op: 'proc-file', file: 'oom_score_adj', value: `${oomScoreAdj}` } as const]),
    ...procFiles.map(({ file, value }): Op => ({ op: 'proc-file', file, value })),
    ...(nice === undefined ? [] : [{ op: 'nice', value: `${nice}` } as const]),
  ];
}

/**
 * What init sets for itself, last of all: a low limit would stop the start.
 *
 * @param hasCpuset the nodes of `strict` and `restrictive` are given by the cpuset controller
 * @throws CtrError CTR_UNSUPPORTED
 */
export function planProcess({ name, process = {}, numa }: ProcessPart, hasCpuset: boolean): Op[] {
  const { cpuAffinity, umask, rlimits = [] } = process;
  if (umask !== undefined && !isBetween(umask, 0, 0o777))
    throw refuse(name, `a umask of ${umask} has other bits than permissions`);
  return [
    ...(cpuAffinity === undefined ? [] : [planAffinity(name, cpuAffinity)]),
    ...(numa === undefined ? [] : planMemoryPolicy(name, numa, hasCpuset)),
    ...(umask === undefined ? [] : [{ op: 'umask', mask: umask } as const]),
    ...rlimits.map((limit) => planRlimit(name, limit)),
  ];
}

function planAffinity(name: string, list: string): OpOf<'affinity'> {
  const mask = maskOf(list);
  if (mask === undefined) throw refuse(name, `'${list}' is no list of CPUs`);
  return { op: 'affinity', mask };
}

function planMemoryPolicy(name: string, { mode, nodeset }: NumaSpec, hasCpuset: boolean): Op[] {
  if (hasCpuset && (mode === 'strict' || mode === 'restrictive')) return [];
  const nodes = maskOf(nodeset);
  if (nodes === undefined) throw refuse(name, `'${nodeset}' is no list of memory nodes`);
  return [{ op: 'memory-policy', mode: MEMORY_POLICIES[mode], nodes }];
}

function planRlimit(container: string, { name, soft, hard }: RlimitSpec): OpOf<'rlimit'> {
  const resource = (RLIMITS as readonly string[]).indexOf(name);
  if (resource < 0) throw refuse(container, `this kernel has no resource limit '${name}'`);
  const value = (limit: RlimitSpec['soft']): bigint => {
    if (limit === 'infinity') return RLIM_INFINITY;
    if (!Number.isSafeInteger(limit) || limit < 0) throw refuse(container, `${limit} is no value of limit '${name}'`);
    return BigInt(limit);
  };
  if (value(soft) > value(hard))
    throw refuse(container, `limit '${name}' has a soft value of ${soft} above its hard one of ${hard}`);
  return { op: 'rlimit', name, resource, soft: value(soft), hard: value(hard) };
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function refuse(name: string, reason: string): CtrError {
  return new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${reason}`);
}
