/** One limit of a running container. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';
import { isSameList } from './check-limits.js';
import type { LimitWrite } from './plan-writes.js';

/** Files that count what a limit is for. A limit of v1 refuses by itself (EBUSY); it is asked what it counts for the message. */
const USAGE: readonly (readonly [file: RegExp, usage: string])[] = [
  [/^memory\.limit_in_bytes$/, 'memory.usage_in_bytes'],
  [/^memory\.memsw\.limit_in_bytes$/, 'memory.memsw.usage_in_bytes'],
  [/^memory\.max$/, 'memory.current'],
  [/^memory\.swap\.max$/, 'memory.swap.current'],
  [/^pids\.max$/, 'pids.current'],
  [/^(hugetlb\..*)\.limit_in_bytes$/, '$1.usage_in_bytes'],
  [/^(hugetlb\..*)\.max$/, '$1.current'],
];

/** Memory is counted in pages, of 64 KiB at the most. */
const MOST_PAGE_BYTES = 65536;

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function writeText(path: string, value: string): void {
  writeFileSync(path, value, { flag: 'r+' });
}

/**
 * Writes it, and reads it back.
 *
 * @returns takes it back
 * @throws CtrError CTR_BAD_LIMIT: below what is used, or the kernel has it otherwise; nothing has changed
 */
export function writeLimit(container: string, op: LimitWrite): () => void {
  const file = basename(op.path);
  const value = op.op === 'cgroup-blkio' ? `${numbersOf(container, op.device, file)} ${op.value}` : op.value;
  const before = readText(op.path) ?? '';
  const undo = () => writeText(op.path, previous(file, value, before));
  refuseBelowUsage(container, op.path, value);
  try {
    writeText(op.path, value);
  } catch (error) {
    throw explain(container, op.path, value, error);
  }
  const now = readText(op.path.replace(/cpuset\.(cpus|mems)$/, effective));
  if (op.op === 'cgroup-write' && now !== undefined && !holds(file, value, now.trim())) {
    undo();
    throw refuse(container, file, value, `the kernel makes it '${now.trim()}': ${whyOther(file, now)}`, {
      allowed: now.trim(),
    });
  }
  return undo;
}

function whyOther(file: string, now: string): string {
  return file.startsWith('hugetlb.') && !/^0*$/.test(now.trim())
    ? 'it holds whole pages, and the groups above may allow no more'
    : 'the groups above allow no more';
}

/** What v2 asks for and what it gives are two files. */
function effective(name: string, _: string, offset: number, path: string): string {
  const group = path.slice(0, offset);
  return readText(`${group}${name}.effective`) === undefined ? name : `${name}.effective`;
}

function refuseBelowUsage(container: string, path: string, value: string): void {
  const file = basename(path);
  const limit = /^\d+$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
  // What can be given back counts as used, too: the kernel is asked to reclaim it. v1 does so by itself.
  if (file === 'memory.limit_in_bytes' || file === 'memory.memsw.limit_in_bytes') return;
  let used = usageOf(path);
  if (used !== undefined && used > limit && file === 'memory.max') {
    reclaim(dirname(path), used - limit);
    used = usageOf(path);
  }
  if (used !== undefined && used > limit) throw belowUsage(container, path, value, used);
}

/** memory.reclaim (Linux 5.19) says EAGAIN when there was less. */
function reclaim(group: string, bytes: number): void {
  try {
    writeText(join(group, 'memory.reclaim'), String(bytes));
  } catch {
    // What is used afterwards tells.
  }
}

function usageFileOf(path: string): string | undefined {
  const row = USAGE.find(([file]) => file.test(basename(path)));
  return row === undefined ? undefined : basename(path).replace(row[0], row[1]);
}

function usageOf(path: string): number | undefined {
  const file = usageFileOf(path);
  const text = file === undefined ? undefined : readText(join(dirname(path), file))?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function explain(container: string, path: string, value: string, error: unknown): CtrError {
  const { code } = error as NodeJS.ErrnoException;
  const used = usageOf(path);
  if (code === 'EBUSY' && used !== undefined) return belowUsage(container, path, value, used);
  const missing = code === 'ENOENT' ? ': this kernel has no such file' : `: write: ${reasonOf(error)}`;
  return new CtrError('CTR_BAD_LIMIT', `cannot set ${basename(path)} of '${container}' to '${value}'${missing}`, {
    data: { file: path, value },
    cause: error,
  });
}

function belowUsage(container: string, path: string, value: string, used: number): CtrError {
  return refuse(container, basename(path), value, `it uses ${used} already (${usageFileOf(path)})`, { used });
}

function refuse(
  container: string,
  file: string,
  value: string,
  reason: string,
  data: Readonly<Record<string, string | number>>,
): CtrError {
  return new CtrError('CTR_BAD_LIMIT', `cannot set ${file} of '${container}' to '${value}': ${reason}`, {
    data: { file, value, ...data },
  });
}

function numbersOf(container: string, device: string, file: string): string {
  const stat = statSync(device, { throwIfNoEntry: false });
  if (stat?.isBlockDevice() !== true) {
    const reason = stat === undefined ? 'it does not exist' : 'it is no block device';
    throw new CtrError('CTR_BAD_LIMIT', `cannot set ${file} of '${container}' for '${device}': ${reason}`, {
      data: { file, value: device },
    });
  }
  // gnu_dev_major(3)
  const [low, high] = [stat.rdev % 2 ** 32, Math.floor(stat.rdev / 2 ** 32)];
  return `${((low >>> 8) & 0xfff) + (high & ~0xfff)}:${(low & 0xff) + ((low >>> 12) & 0xffffff00)}`;
}

/** Whether the kernel has what was asked for. What is said of other files is its own: it takes or refuses. */
function holds(file: string, value: string, now: string): boolean {
  if (/^cpuset\./.test(file)) return isSameList(value, now);
  if (!/^(memory|pids|hugetlb)\./.test(file) || !/^\d+$/.test(value) || !/^\d+$/.test(now)) return true;
  const difference = Math.abs(Number(value) - Number(now));
  return file.startsWith('pids.') ? difference === 0 : difference < MOST_PAGE_BYTES || Number(value) > 2 ** 62;
}

/** What gives back what a file said before. */
function previous(file: string, value: string, before: string): string {
  const [scope = ''] = value.split(' ');
  if (!scope.includes(':')) return before.split('\n')[0] ?? '';
  const line = before.split('\n').find((text) => text.startsWith(`${scope} `));
  if (line !== undefined) return line;
  if (file === 'io.max') return `${scope} rbps=max wbps=max riops=max wiops=max`;
  return `${scope} ${file === 'io.weight' ? 'default' : '0'}`;
}
