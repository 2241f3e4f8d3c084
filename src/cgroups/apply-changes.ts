/** Gives a running container other limits: all of them, or none. */
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';
import { debug } from '../system/log.js';
import { listMembers, moveMembers } from './move-members.js';
import type { GroupChange, LimitWrite } from './plan-writes.js';
import { readText, writeLimit, writeText } from './write-limit.js';

/** Takes back one step. */
type Undo = () => void;

/**
 * Writes the limits, each checked by reading it back.
 *
 * @param container its name, for messages
 * @param from a group that all of its processes are in, or below
 * @returns takes all of it back
 * @throws CtrError CTR_BAD_LIMIT (what is asked for cannot be; nothing has changed), CTR_IO
 */
export function applyChanges(container: string, changes: readonly GroupChange[], from: string | undefined): Undo {
  const undos: Undo[] = [];
  const undo = () => {
    for (const step of undos.splice(0).reverse()) tryUndo(step);
  };
  try {
    for (const change of changes) {
      for (const step of change.making) prepare(step, change, undos);
      for (const write of inOrder(change.writes)) undos.push(writeLimit(container, write));
      if (change.isNew) {
        const { path } = change;
        undos.push(() => moveMembers(listMembers(path), dirname(path)));
        bringIn(container, path, from);
      }
    }
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

function tryUndo(step: Undo): void {
  try {
    step();
  } catch (error) {
    debug(`set: cannot take back: ${String(error)}`);
  }
}

/** As native/cgroup.c does it at a start. Shared groups are others' as well: they stay. */
function prepare(op: Op, { path }: GroupChange, undos: Undo[]): void {
  if (op.op === 'cgroup-dir' && !existsSync(op.path)) {
    mkdirSync(op.path, { mode: 0o755 });
    undos.push(() => rmdirSync(op.path));
  } else if (op.op === 'cgroup-cpuset') {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) copyFromParent(op.path, file);
  } else if (op.op === 'cgroup-write' && !op.path.startsWith(`${path}/`)) {
    // Controllers that are handed down already are no news to the kernel.
    writeText(op.path, op.value);
  }
}

function copyFromParent(group: string, file: string): void {
  if (readText(join(group, file))?.trim() === '') writeText(join(group, file), readText(join(group, '..', file)) ?? '');
}

/** v1 holds memory with swap to be no less than memory at every moment: what grows is written the other way round. */
function inOrder(writes: readonly LimitWrite[]): readonly LimitWrite[] {
  const limit = writes.find(({ path }) => path.endsWith('/memory.limit_in_bytes'));
  const both = writes.find(({ path }) => path.endsWith('/memory.memsw.limit_in_bytes'));
  if (limit === undefined || both === undefined) return writes;
  const now = Number(readText(both.path) ?? Number.NaN);
  const isGrowing = limit.value === '-1' || Number(limit.value) > now;
  if (!isGrowing) return writes;
  return [both, ...writes.filter((write) => write !== both)];
}

/** Those that are born meanwhile are met in the next round. */
const MOST_ROUNDS = 100;

function bringIn(container: string, path: string, from: string | undefined): void {
  for (let round = 0; from !== undefined && round < MOST_ROUNDS; round += 1) {
    const there = new Set(listMembers(path));
    const missing = listMembers(from).filter((pid) => !there.has(pid));
    if (missing.length === 0) return;
    moveMembers(missing, path);
  }
  throw new CtrError('CTR_BAD_LIMIT', `cannot bring the processes of '${container}' into the cgroup '${path}'`, {
    hint: 'ctr set --config, and a new start',
    data: { file: join(path, 'cgroup.procs') },
  });
}
