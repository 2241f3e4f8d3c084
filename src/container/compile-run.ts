/** The compiled plan of a run, in its slot. */
import { hasController } from '../cgroups/plan-groups.js';
import { CtrError } from '../errors.js';
import { encodePlan } from '../exec/encode.js';
import { findHelper } from '../exec/helper.js';
import { readSlotIds, type SlotIds, writeSlotIds, writeSlotPlan } from '../state/run-slots.js';
import type { Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { readSettings } from '../system/read-settings.js';
import { chooseIdRange } from './choose-id-range.js';
import { compile } from './compile.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { planDirectoryRoot, planHostRoot, planRootOf, type RunRootPlan, targetsOf } from './run-root.js';
import { DEFAULT_RUN_MEMORY_BYTES, DEFAULT_RUN_PIDS, makeRunSpec, type RunBind } from './run-spec.js';
import { takenIds } from './taken-ids.js';
import { withStoreLock } from './with-lock.js';

/** The options of a run that its plan depends on, as the front door hands them on. Paths are absolute. */
export interface RunOptions {
  readonly rootfs?: string | undefined;
  readonly from?: string | undefined;
  readonly hostReadonly?: boolean | undefined;
  /** `SRC` or `SRC:DST`. */
  readonly bind?: readonly string[] | undefined;
  readonly bindRo?: readonly string[] | undefined;
  readonly net?: string | undefined;
  readonly memory?: number | undefined;
  readonly pids?: number | undefined;
  readonly cpus?: number | undefined;
  readonly user?: string | undefined;
  readonly terminal?: boolean | undefined;
}

/** Nothing of a run is told by it, and it must be the same for the same options. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * Compiles the plan of a run and writes it to its slot, whose lock the caller holds; a slot without ids gets them.
 *
 * @param file name of the plan in the slot
 * @throws CtrError CTR_USAGE, CTR_UNSUPPORTED, CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG, CTR_IO
 */
export async function compileRun(
  slot: { readonly number: number; readonly file: string; readonly name: string },
  run: RunOptions,
  options: CtrOptions = {},
): Promise<void> {
  checkName(slot.name);
  const paths = openPaths(options);
  const binds = [
    ...(run.bind ?? []).map((text) => parseBind(text, false)),
    ...(run.bindRo ?? []).map((text) => parseBind(text, true)),
  ];
  const chosen = await planRoot(paths, run, binds);
  const host = readHostFacts(paths, slot.name);
  const spec = makeRunSpec({
    name: slot.name,
    ids: await idsOf(paths, slot.number, options),
    root: chosen.root,
    binds,
    net: run.net ?? 'none',
    // A limit that nobody has asked for is there where this host can keep it.
    memoryBytes: run.memory ?? (hasController(host.cgroups, 'memory') ? DEFAULT_RUN_MEMORY_BYTES : undefined),
    pids: run.pids ?? (hasController(host.cgroups, 'pids') ? DEFAULT_RUN_PIDS : undefined),
    cpus: run.cpus,
    user: run.user,
    terminal: run.terminal === true,
  });
  const plan = compile(spec, host, { uuid: NO_UUID, run: { ...chosen.run, binds: targetsOf(binds) } });
  await writeSlotPlan(paths, slot.number, slot.file, encodePlan(plan));
}

async function planRoot(paths: Paths, run: RunOptions, binds: readonly RunBind[]): Promise<RunRootPlan> {
  const { rootfs, from, hostReadonly } = run;
  if ([rootfs !== undefined, from !== undefined, hostReadonly === true].filter(Boolean).length > 1)
    throw new CtrError('CTR_USAGE', 'cannot run: --rootfs, --from and --host-readonly are one another’s opposites');
  if (rootfs !== undefined) return planDirectoryRoot(rootfs);
  return from === undefined ? planHostRoot(binds) : planRootOf(paths, from);
}

/** A colon that a slash follows is behind the source. */
function parseBind(text: string, readonly: boolean): RunBind {
  const colon = text.indexOf(':/');
  const source = colon < 0 ? text : text.slice(0, colon);
  const target = colon < 0 ? text : text.slice(colon + 1);
  if (!source.startsWith('/')) throw new CtrError('CTR_USAGE', `cannot bind '${source}': it is no absolute path`);
  return { source, target, readonly };
}

async function idsOf(paths: Paths, slot: number, options: CtrOptions): Promise<SlotIds> {
  const known = readSlotIds(paths, slot);
  if (known !== undefined) return known;
  const helper = await findHelper(options.helper);
  return withStoreLock(paths, helper, async () => {
    const ids = chooseIdRange(takenIds(paths), readSettings());
    await writeSlotIds(paths, slot, ids);
    return ids;
  });
}
