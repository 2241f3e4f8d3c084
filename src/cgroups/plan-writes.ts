/** Which operations of a plan a running container lacks. Pure. */
import type { Op, OpOf, Plan } from '../exec/plan.js';

export type LimitWrite = OpOf<'cgroup-write'> | OpOf<'cgroup-blkio'>;

/** What is to be done in one hierarchy. */
export interface GroupChange {
  /** Directory of the container's group. */
  readonly path: string;
  readonly version: 1 | 2;
  /** It has to be made, and its processes have to be brought into it. */
  readonly isNew: boolean;
  /** What makes it, from the top, and what hands controllers down to it. */
  readonly making: readonly Op[];
  readonly writes: readonly LimitWrite[];
}

/**
 * @param wanted operations of `planCgroups`
 * @param running those of the plan that it runs by
 */
export function planChanges(wanted: readonly Op[], running: readonly Op[]): GroupChange[] {
  const done = new Set(running.map((op) => JSON.stringify(op, bigAsText)));
  const groups = new Set(running.flatMap((op) => (op.op === 'cgroup-join' ? [op.path] : [])));
  const changes: GroupChange[] = [];
  let section: Op[] = [];
  for (const op of wanted) {
    if (op.op !== 'cgroup-join') {
      section.push(op);
      continue;
    }
    const writes = section
      .filter(isWrite)
      .filter((write) => write.path.startsWith(`${op.path}/`) && !isOfDevices(write))
      .filter((write) => !done.has(JSON.stringify(write)));
    const making = section.filter((step) => !(isWrite(step) && step.path.startsWith(`${op.path}/`)));
    const isNew = !groups.has(op.path);
    // A new one without limits counts, or is joined by who enters: the plan names it.
    if (writes.length > 0 || isNew)
      changes.push({ path: op.path, version: op.version === 2 ? 2 : 1, isNew, making, writes });
    section = [];
  }
  return changes.some(({ writes }) => writes.length > 0) ? changes : [];
}

/** A plan with the groups, too, that a container is in by its old one: they are entered, and taken away at the end. */
export function keepGroups(plan: Plan, running: readonly Op[]): Plan {
  const known = new Set(plan.ops.flatMap((op) => (op.op === 'cgroup-join' ? [op.path] : [])));
  const kept: Op[] = [];
  let section: Op[] = [];
  for (const op of running) {
    if (op.op === 'cgroup-dir' || op.op === 'cgroup-cpuset') section.push(op);
    if (op.op !== 'cgroup-join') continue;
    if (!known.has(op.path)) kept.push(...section, op);
    section = [];
  }
  const end = plan.ops.findLastIndex(({ op }) => op === 'cgroup-join') + 1;
  return { ...plan, ops: plan.ops.toSpliced(end, 0, ...kept) };
}

function bigAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function isWrite(op: Op): op is LimitWrite {
  return op.op === 'cgroup-write' || op.op === 'cgroup-blkio';
}

/** They are as they were at the start. */
function isOfDevices({ path }: LimitWrite): boolean {
  return /\/devices\.(allow|deny)$/.test(path);
}
