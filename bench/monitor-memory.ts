/** What a monitor holds: its proportional share of memory, with many of them running. */
import { readFileSync } from 'node:fs';
import { makeRoot, type Place, run, writeDefinition } from './place.js';
import type { Figure } from './statistics.js';

/** @param containers how many run at once; they share one root */
export function measureMonitorMemory(place: Place, containers: number, libc: 'musl' | 'glibc'): Figure {
  const rootfs = makeRoot(place, true);
  const names = Array.from({ length: containers }, (_, index) => `held${index + 1}`);
  run(place, [place.ctr, 'define', ...names.map((name) => writeDefinition(place, name, rootfs))]);
  try {
    run(place, [place.ctr, 'start', ...names]);
    const running = JSON.parse(run(place, [place.ctr, 'list', '--json'])) as { name: string }[];
    if (running.length !== containers) throw new Error(`${running.length} of ${containers} containers run`);
    const values = names.map((name) => {
      const { monitorPid } = JSON.parse(run(place, [place.ctr, 'info', name, '--json'])) as { monitorPid: number };
      return readPssKiB(monitorPid);
    });
    return {
      what: `monitor, PSS (${libc}, ${containers} run)`,
      unit: 'KiB',
      values,
      limit: libc === 'musl' ? 40 : 150,
    };
  } finally {
    for (const name of names) {
      run(place, [place.ctr, 'destroy', name]);
      run(place, [place.ctr, 'undefine', name]);
    }
  }
}

/** Proportional set size, proc_pid_smaps(5). */
function readPssKiB(pid: number): number {
  const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  if (match === null) throw new Error(`no Pss in smaps_rollup of process ${pid}`);
  return Number(match[1]);
}
