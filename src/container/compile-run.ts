/** The compiled plan of a run, in its slot. */
import { randomUUID } from 'node:crypto';
import { hasController } from '../cgroups/plan-groups.js';
import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { encodePlan } from '../exec/encode.js';
import { DEFAULT_NETWORK } from '../network/default-network.js';
import { writeSlotPlan } from '../state/run-slots.js';
import type { HostFacts } from '../system/host-facts.js';
import type { Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { makeBootSpec } from './boot-spec.js';
import { compile } from './compile.js';
import { joinFor } from './compiled-plan.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { mapRunIds, mapRunIdsOfUser, type RunIds } from './run-ids.js';
import { runOwner } from './run-owner.js';
import { parseRunPort } from './run-ports.js';
import { planDirectoryRoot, planHostRoot, planRootOf, type RunRootPlan, targetsOf } from './run-root.js';
import { DEFAULT_RUN_MEMORY_BYTES, DEFAULT_RUN_PIDS, makeRunSpec, type RunBind, type RunRequest } from './run-spec.js';
import { slotIds } from './slot-ids.js';

/** The options of a run that its plan depends on, as the front door hands them on. Paths are absolute. */
export interface RunOptions {
  readonly rootfs?: string | undefined;
  readonly from?: string | undefined;
  readonly hostReadonly?: boolean | undefined;
  /** The init of `rootfs` instead of a command, with these arguments. */
  readonly boot?: boolean | undefined;
  readonly initArg?: readonly string[] | undefined;
  readonly ephemeral?: boolean | undefined;
  /** Of that init; a command's stays with the front door. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `SRC` or `SRC:DST`. */
  readonly bind?: readonly string[] | undefined;
  readonly bindRo?: readonly string[] | undefined;
  readonly net?: string | undefined;
  /** `[ADDRESS:]HOST[:INSIDE][/udp]`. */
  readonly publish?: readonly string[] | undefined;
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
 * @returns what a user should know and is said once
 * @throws CtrError CTR_USAGE, CTR_UNSUPPORTED, CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG, CTR_MISSING_PROGRAM, CTR_IO
 */
export async function compileRun(
  slot: { readonly number: number; readonly file: string; readonly name: string },
  run: RunOptions,
  options: CtrOptions = {},
): Promise<readonly string[]> {
  checkName(slot.name);
  checkOptions(run);
  const paths = openPaths(options);
  const binds = [
    ...(run.bind ?? []).map((text) => parseBind(text, false)),
    ...(run.bindRo ?? []).map((text) => parseBind(text, true)),
  ];
  const host = readHostFacts(paths, slot.name);
  const net = netOf(run, host);
  checkNet(net, run, host);
  const chosen = await planRoot(paths, run, binds, host);
  const { ids, notes } = await slotIds(paths, slot.number, host, options);
  const request = makeRequest(slot.name, run, binds, ids, chosen, host);
  const spec = run.boot === true ? makeBoot(request, run) : makeRunSpec(request);
  const owner = runOwner(paths, slot.number);
  const networks = await joinFor(paths, options.helper, spec, owner);
  const linked = networks.size === 0 ? {} : { uuid: owner, networks };
  const plan =
    run.boot === true
      ? compile(spec, host, { uuid: randomUUID(), ...linked })
      : compile(spec, host, { uuid: NO_UUID, ...linked, run: { ...chosen.run, binds: targetsOf(binds) } });
  await writeSlotPlan(paths, slot.number, slot.file, encodePlan(plan));
  return notes;
}

/** Links of the host need root, and a program of a user's is none of root's. */
function checkNet(net: string, { publish = [] }: RunOptions, { user, userNetwork }: HostFacts): void {
  if (net === 'user' && user === undefined)
    throw new CtrError('CTR_UNSUPPORTED', "cannot connect a run to 'user': that is the network of an ordinary user", {
      hint: '--net default has addresses of its own and the way out',
    });
  if (user === undefined || net === 'none' || net === 'host') return;
  if (net !== 'user')
    throw new CtrError('CTR_NEED_ROOT', `cannot connect a run to '${net}': links and bridges need root`, {
      hint: '--net user has the way out by pasta or slirp4netns, --net host the network of the host',
    });
  const what = publish.length > 0 ? `open port '${publish[0]}'` : "connect a run to 'user'";
  if (userNetwork === undefined)
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot ${what}: an ordinary user's network needs pasta or slirp4netns`, {
      hint: `neither is installed: apt-get install passt${publish.length > 0 ? '' : '; or --net none, --net host'}`,
    });
  if (userNetwork.kind === 'slirp4netns' && publish.length > 0)
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot ${what}: slirp4netns, which is installed, opens none`, {
      hint: 'apt-get install passt: pasta does',
    });
}

/** Ports lead to an address, which a network gives. */
function netOf({ net, publish = [] }: RunOptions, { user }: Pick<HostFacts, 'user'>): string {
  if (net !== undefined) return net;
  if (publish.length === 0) return 'none';
  return user === undefined ? DEFAULT_NETWORK : 'user';
}

function checkOptions({ rootfs, from, hostReadonly, boot, user, ephemeral, net, publish = [] }: RunOptions): void {
  const fail = (message: string) => new CtrError('CTR_USAGE', `cannot run: ${message}`);
  if ([rootfs !== undefined, from !== undefined, hostReadonly === true].filter(Boolean).length > 1)
    throw fail('--rootfs, --from and --host-readonly are one another’s opposites');
  if (boot === true && rootfs === undefined) throw fail('--boot needs the tree to boot: --rootfs DIR');
  if (boot === true && user !== undefined)
    throw fail('--user says who runs a command, and an init is root: not with --boot');
  if (publish.length > 0 && (net === 'none' || net === 'host'))
    throw fail(`--publish opens ports of the host into a network: not with --net ${net}`);
  if (ephemeral === true && boot !== true)
    throw fail('without --boot nothing stays anyway: --ephemeral goes with --boot');
}

function makeRequest(
  name: string,
  run: RunOptions,
  binds: readonly RunBind[],
  ids: RunIds,
  chosen: RunRootPlan,
  host: HostFacts,
): RunRequest {
  const { user, cgroups } = host;
  const { root, owner, idmap } = chosen;
  const hasWritableBinds = binds.some(({ readonly }) => !readonly);
  // A limit that nobody has asked for is there where this host can keep it.
  const usual = (controller: string, limit: number) =>
    run.boot !== true && hasController(cgroups, controller) ? limit : undefined;
  return {
    name,
    idmap:
      user === undefined
        ? mapRunIds(ids, { idmap })
        : mapRunIdsOfUser(user, ids, { ...(owner && { root: owner }), idmap, hasWritableBinds, user: run.user }),
    accessMode: user === undefined ? { root: 'mapped', bind: 'owner' } : { root: 'passthrough', bind: 'passthrough' },
    root,
    binds,
    net: netOf(run, host),
    ports: (run.publish ?? []).map(parseRunPort),
    memoryBytes: run.memory ?? usual('memory', DEFAULT_RUN_MEMORY_BYTES),
    pids: run.pids ?? usual('pids', DEFAULT_RUN_PIDS),
    cpus: run.cpus,
    user: run.user,
    terminal: run.terminal === true,
  };
}

function makeBoot(request: RunRequest, run: RunOptions): ContainerSpec {
  const { rootfs = '', initArg = [], ephemeral = false, env = {} } = run;
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return makeBootSpec(request, { source: rootfs, args: initArg, ephemeral, env: variables });
}

async function planRoot(
  paths: Paths,
  { rootfs, from }: RunOptions,
  binds: readonly RunBind[],
  { user }: HostFacts,
): Promise<RunRootPlan> {
  if (rootfs !== undefined) return planDirectoryRoot(rootfs);
  return from === undefined ? planHostRoot(binds) : planRootOf(paths, from, user !== undefined);
}

/** A colon that a slash follows is behind the source. */
function parseBind(text: string, readonly: boolean): RunBind {
  const colon = text.indexOf(':/');
  const source = colon < 0 ? text : text.slice(0, colon);
  const target = colon < 0 ? text : text.slice(colon + 1);
  if (!source.startsWith('/')) throw new CtrError('CTR_USAGE', `cannot bind '${source}': it is no absolute path`);
  return { source, target, readonly };
}
