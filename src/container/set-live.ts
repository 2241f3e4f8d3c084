/** Limits of a running container: in its cgroups, and in the plan by which a reboot(2) starts it again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyChanges } from '../cgroups/apply-changes.js';
import { sayTakenAway } from '../cgroups/plan-change.js';
import { planCgroups } from '../cgroups/plan-groups.js';
import { keepGroups, planChanges } from '../cgroups/plan-writes.js';
import type { Assignments } from '../config/index.js';
import { CtrError } from '../errors.js';
import { decodePlan } from '../exec/decode.js';
import { encodePlan } from '../exec/encode.js';
import type { Op } from '../exec/plan.js';
import { definitionPath, type StoredDefinition } from '../state/store.js';
import { replaceFile } from '../system/atomic-file.js';
import type { HostFacts } from '../system/host-facts.js';
import type { Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { compile } from './compile.js';
import { joinFor } from './compiled-plan.js';
import { ensureViews } from './ensure-views.js';
import { parseStored } from './read-spec.js';
import { statusOf } from './reconcile.js';
import { formatCompiledDefinition, readRunning } from './running-spec.js';
import { withContainerLock } from './with-lock.js';

/**
 * Writes the limits, then notes them for its next start by itself. libvirt's rule: what is set live lives through a reboot.
 *
 * @throws CtrError CTR_BAD_LIMIT, CTR_NOT_RUNNING, CTR_UNSUPPORTED, CTR_BAD_CONFIG, CTR_BAD_STATE, CTR_LOCKED, CTR_IO; nothing has
 *   changed then
 */
export async function setLive(paths: Paths, helper: string, name: string, assignments: Assignments): Promise<void> {
  await withContainerLock(paths, helper, name, async (dir) => {
    const { state, settling } = statusOf(paths, name);
    if (settling || (state !== 'running' && state !== 'paused')) {
      throw new CtrError('CTR_NOT_RUNNING', `cannot set limits of '${name}' as it runs: it ended meanwhile`);
    }
    const running = readRunning(paths, name);
    if (running === undefined) {
      throw new CtrError('CTR_UNSUPPORTED', `cannot set limits of '${name}': it has no definition`, {
        hint: 'a run takes its limits as options: --memory, --pids, --cpus',
      });
    }
    const { limits } = running.record;
    const after: StoredDefinition = {
      ...running,
      record: { ...running.record, limits: { ...limits, ...Object.fromEntries(assignments) } },
    };
    const { spec } = parseStored(after);
    // A reboot(2) gets what this start got of its networks, and the views that its limits ask for from now on.
    const networks = await joinFor(paths, helper, spec, running.record.uuid);
    const views = await ensureViews(paths, helper, spec);
    const host = { ...readHostFacts(paths, name), views };
    const ops = decodePlan(readFileSync(join(dir, 'plan'))).ops;
    const plan = compile(spec, host, {
      uuid: running.record.uuid,
      definition: definitionPath(paths, name),
      networks,
    });
    const wanted = sayTakenAway(parseStored(running).spec, spec, host);
    const undo = applyChanges(name, planChanges(planLimits(wanted, host), ops), mainGroup(ops));
    try {
      await replaceFile(join(dir, 'definition'), formatCompiledDefinition(after));
      await replaceFile(join(dir, 'plan'), encodePlan(keepGroups(plan, ops)));
    } catch (error) {
      undo();
      throw error;
    }
  });
}

/** Its groups, without rules for devices: they are as they were at the start. */
function planLimits(spec: ReturnType<typeof sayTakenAway>, host: HostFacts): readonly Op[] {
  return planCgroups({ spec, devices: [], hasUserNamespace: true }, host).ops;
}

/** One that all of its processes are in: with v2 they may be below it, in groups of their own. */
function mainGroup(ops: readonly Op[]): string | undefined {
  const joins = ops.filter((op) => op.op === 'cgroup-join');
  return (joins.find(({ version }) => version === 2) ?? joins[0])?.path;
}
