/**
 * Slots of runs: `runs/N` of the run directory, which one run has at a time (it holds the flock of `lock`). `ids` says its host ids, as
 * `FIRST COUNT` of users and groups alike, or of the ones and then the others; the other files are compiled plans with their keys. docs/architecture.md
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';

interface Ids {
  readonly outside: number;
  readonly count: number;
}

export interface SlotIds {
  readonly uid: Ids;
  readonly gid: Ids;
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
  const match = file.kind === 'text' ? /^(\d{1,10}) (\d{1,10})(?: (\d{1,10}) (\d{1,10}))?\n$/.exec(file.text) : null;
  if (match === null) return undefined;
  const [uid, uids, gid = uid, gids = uids] = match.slice(1);
  return {
    uid: { outside: Number(uid), count: Number(uids) },
    gid: { outside: Number(gid), count: Number(gids) },
  };
}

/** Those of all slots. @param except a slot whose ids do not count */
export function readRunIds(paths: Paths, except?: number): Ids[] {
  return listRunSlots(paths)
    .filter((slot) => slot !== except)
    .flatMap((slot) => {
      const ids = readSlotIds(paths, slot);
      return ids === undefined ? [] : [ids.uid, ids.gid];
    });
}

/** Gives a slot its ids. The caller holds the lock of the definitions. @throws CtrError CTR_IO */
export async function writeSlotIds(paths: Paths, slot: number, { uid, gid }: SlotIds): Promise<void> {
  const groups = uid.outside === gid.outside && uid.count === gid.count ? '' : ` ${gid.outside} ${gid.count}`;
  await replaceFile(join(runSlotDir(paths, slot), 'ids'), `${uid.outside} ${uid.count}${groups}\n`);
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
