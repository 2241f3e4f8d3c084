/**
 * Slots of runs: `runs/N` of the run directory, which one run has at a time (it holds the flock of `lock`). `ids` says its host ids, as
 * `FIRST COUNT`; the other files are compiled plans with their keys. docs/architecture.md
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';

export interface SlotIds {
  readonly outside: number;
  readonly count: number;
}

/** Plans that a slot keeps; the front door's own names of them are 16 hex digits. */
const MOST_PLANS = 48;

export function runSlotDir({ runDir }: Paths, slot: number): string {
  return join(runDir, 'runs', String(slot));
}

/** Numbers of the slots that there are. */
export function listRunSlots({ runDir }: Paths): number[] {
  try {
    return readdirSync(join(runDir, 'runs'))
      .filter((name) => /^\d{1,4}$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** The ids of a slot; undefined before it has any. */
export function readSlotIds(paths: Paths, slot: number): SlotIds | undefined {
  const file = readSmallFile(join(runSlotDir(paths, slot), 'ids'));
  const match = file.kind === 'text' ? /^(\d{1,10}) (\d{1,10})\n$/.exec(file.text) : null;
  return match === null ? undefined : { outside: Number(match[1]), count: Number(match[2]) };
}

/** Those of all slots. */
export function readRunIds(paths: Paths): SlotIds[] {
  return listRunSlots(paths).flatMap((slot) => readSlotIds(paths, slot) ?? []);
}

/** Gives a slot its ids. The caller holds the lock of the definitions. @throws CtrError CTR_IO */
export async function writeSlotIds(paths: Paths, slot: number, { outside, count }: SlotIds): Promise<void> {
  await replaceFile(join(runSlotDir(paths, slot), 'ids'), `${outside} ${count}\n`);
}

/** Writes a compiled plan, and takes the oldest ones away when there are too many. @throws CtrError CTR_IO */
export async function writeSlotPlan(paths: Paths, slot: number, file: string, plan: Uint8Array): Promise<void> {
  const dir = runSlotDir(paths, slot);
  const plans = readdirSync(dir).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== file);
  if (plans.length >= MOST_PLANS) {
    const byAge = plans
      .map((name) => ({ name, time: statSync(join(dir, name)).mtimeMs }))
      .sort((a, b) => a.time - b.time);
    for (const { name } of byAge.slice(0, MOST_PLANS / 2)) {
      for (const path of [join(dir, `${name}.key`), join(dir, name)]) unlinkSync(path);
    }
  }
  await replaceFile(join(dir, file), plan);
}
