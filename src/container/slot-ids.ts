/** Host ids of a slot of runs. */
import { hasController } from '../cgroups/plan-groups.js';
import { findHelper } from '../exec/helper.js';
import { readRunIds, readSlotIds, writeSlotIds } from '../state/run-slots.js';
import { toStageId } from '../system/first-stage-ids.js';
import type { HostFacts, OrdinaryUser } from '../system/host-facts.js';
import type { Paths } from '../system/paths.js';
import { readSettings } from '../system/read-settings.js';
import { noteIds } from './bootstrap-as-user.js';
import type { CtrOptions } from './context.js';
import type { RunIds } from './run-ids.js';
import { chooseIds } from './taken-ids.js';
import { withStoreLock } from './with-lock.js';

/**
 * Those that it has, else new ones: root's are nobody else's, an ordinary user's are his own.
 *
 * @returns with what a user should know, said with the first run
 * @throws CtrError CTR_UNSUPPORTED, CTR_MISSING_PROGRAM, CTR_IO
 */
export async function slotIds(
  paths: Paths,
  slot: number,
  { user, cgroups }: HostFacts,
  options: CtrOptions,
): Promise<{ ids: RunIds; notes: readonly string[] }> {
  const known = readSlotIds(paths, slot);
  // The administrator may have taken them away from him meanwhile.
  if (known !== undefined && (user === undefined || areHis(user, known))) return { ids: known, notes: [] };
  const helper = await findHelper(options.helper);
  return withStoreLock(paths, helper, async () => {
    // A compiler whose run was ended meanwhile may have been here: never two answers for one slot.
    const chosen = readSlotIds(paths, slot);
    if (known === undefined && chosen !== undefined) return { ids: chosen, notes: [] };
    const isFirst = readRunIds(paths, slot).length === 0;
    const { uid, gid } = chooseIds(paths, readSettings(), { slot });
    await writeSlotIds(paths, slot, { uid, gid });
    return { ids: { uid, gid }, notes: user !== undefined && isFirst ? listNotes(paths, user, cgroups) : [] };
  });
}

function areHis(user: OrdinaryUser, { uid, gid }: RunIds): boolean {
  return toStageId(user, 'uid', uid) !== undefined && toStageId(user, 'gid', gid) !== undefined;
}

function listNotes(paths: Paths, user: OrdinaryUser, cgroups: HostFacts['cgroups']): string[] {
  const missing = ['memory', 'pids'].filter((controller) => !hasController(cgroups, controller));
  return [
    ...noteIds(paths, '', user),
    ...(missing.length === 0
      ? []
      : [`runs have no limit of ${missing.join(' and ')}: no cgroup with that is delegated to you`]),
  ];
}
