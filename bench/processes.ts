/** What /proc tells about the containers of this run. */
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import type { Root } from './roots.js';

export interface Init {
  readonly pid: number;
  readonly parent: number;
}

/** Process 1 of each running container of a root, known by the inode of its mark: no other container is taken for one. */
export function findInits(root: Root): Init[] {
  const mark = statSync(root.mark);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = statOrNothing(`/proc/${name}/root/mark`);
      if (found?.ino !== mark.ino || found.dev !== mark.dev) return [];
      const status = readOrNothing(`/proc/${name}/status`);
      const inside = /^NSpid:.*\s(\d+)$/m.exec(status)?.[1];
      return inside === '1' ? [{ pid: Number(name), parent: Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) }] : [];
    });
}

/** Proportional set size, KiB: proc_pid_smaps(5). */
export function readPssKiB(pid: number): number {
  const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  if (match === null) throw new Error(`no Pss in smaps_rollup of process ${pid}`);
  return Number(match[1]);
}

/** Time on a CPU since it began, ms: to the nanosecond where the kernel keeps that, else in ticks of 10 ms. */
export function readCpuMs(pid: number): number {
  const exact = readOrNothing(`/proc/${pid}/schedstat`).split(' ')[0];
  if (exact !== undefined && exact !== '') return Number(exact) / 1e6;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export interface Memory {
  readonly availableKiB: number;
  /** Slab, per-CPU data, kernel stacks and page tables. */
  readonly kernelKiB: number;
}

/** Of the whole host: proc_meminfo(5). */
export function readMemory(): Memory {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return {
    availableKiB: read('MemAvailable'),
    kernelKiB: ['Slab', 'Percpu', 'KernelStack', 'PageTables'].reduce((sum, key) => sum + read(key), 0),
  };
}

/** Processes end while one looks at them. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
