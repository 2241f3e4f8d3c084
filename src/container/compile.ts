import { listDeviceRules } from '../cgroups/device-rules.js';
import { hasController, planCgroups } from '../cgroups/plan-groups.js';
import { planCgroupView, planDelegation } from '../cgroups/plan-view.js';
import type { ContainerSpec } from '../config/spec.js';
import { planDeviceNodes } from '../devnodes/plan-device-nodes.js';
import { planDevnodes } from '../devnodes/plan-devnodes.js';
import { CtrError } from '../errors.js';
import type { Op, Plan } from '../exec/plan.js';
import { mapId, mapRoot } from '../namespaces/map-id.js';
import { planFirstStage } from '../namespaces/plan-first-stage.js';
import { hasOwnNetwork, hostnameOf, planHostname, planNamespaces } from '../namespaces/plan-namespaces.js';
import { planSysctls } from '../namespaces/plan-sysctls.js';
import type { JoinedNetwork } from '../network/joined-network.js';
import { planNetwork } from '../network/plan-network.js';
import { planUserLinks } from '../network/plan-user-network.js';
import { planFilesystems } from '../rootfs/plan-filesystems.js';
import { planHostFiles } from '../rootfs/plan-host-files.js';
import { planKernelMounts } from '../rootfs/plan-kernel-mounts.js';
import { planRemounts } from '../rootfs/plan-mount-flags.js';
import { isRoot, planRoot } from '../rootfs/plan-root.js';
import { planViews } from '../rootfs/plan-views.js';
import { listCapabilities, planCapabilities } from '../security/plan-capabilities.js';
import { planLabels } from '../security/plan-labels.js';
import { planMasks } from '../security/plan-masks.js';
import { planSeccomp } from '../security/plan-seccomp.js';
import { planSync } from '../security/plan-sync.js';
import type { HostFacts } from '../system/host-facts.js';
import { asOrdinaryUser } from './as-ordinary-user.js';
import { namesOfNetworks } from './names-of-networks.js';
import { planHooks } from './plan-hooks.js';
import { is32Bit, planDirectoryAndUser, planExec, planPersonality } from './plan-init.js';
import { continueReboot, planLifecycle, planNotify } from './plan-lifecycle.js';
import { planOuterProcess, planProcess } from './plan-process.js';
import { arrangeRunMounts, planRunEnvironment, type RunPart } from './plan-run.js';

/** Group of terminals, which slaves of devpts belong to. */
const TTY_GID = 5;
const DEFAULT_LOG_LIMIT_BYTES = 1024 * 1024;

export interface CompileOptions {
  /** The container's uuid, also where the text has none. */
  readonly uuid: string;
  /** Size limit of a console's log; default the host's setting, else 1 MiB. */
  readonly logLimitBytes?: number;
  /** File of the definition, of which hooks are told. */
  readonly definition?: string;
  /** What it gets of its networks. */
  readonly networks?: ReadonlyMap<number, JoinedNetwork>;
  /** It is a run: the program is that of the command line, and so is what a model of a container has no words for. */
  readonly run?: RunPart;
}

/**
 * The plan of a start: everything it does to the kernel, in order. Pure: the same spec, host and options give the same plan.
 *
 * @throws CtrError CTR_UNSUPPORTED for a rule this host cannot enforce, CTR_BAD_CONFIG for parts that contradict each other
 */
export function compile(given: ContainerSpec, host: HostFacts, options: CompileOptions): Plan {
  const { user } = host;
  const spec = user === undefined ? given : asOrdinaryUser(given, user);
  if (spec.consoles.length === 0 && options.run === undefined) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot compile '${spec.name}': it has no console`, {
      hint: "add <console type='pty'/>",
    });
  }
  refuseUnstartable(spec);
  // With his first stage between, an ordinary user's ids are others: root of the host is none of them.
  if (user === undefined) refuseHostRoot(spec);
  const { idmap, security } = spec;
  const hasUserNamespace = idmap !== undefined;
  const ownNetwork = hasOwnNetwork(spec);
  const root = mapRoot(idmap);
  const mknod = spec.features.capabilities.states.some(({ name, state }) => name === 'mknod' && state === 'on');
  const ownPids = spec.namespaces?.pid?.kind !== 'host';
  const capabilities = listCapabilities(spec.features.capabilities, host.lastCapability, ownPids);
  const isCompat = is32Bit(spec.arch, host.arch);
  const { kernelMounts } = spec;
  const mapUid = (inside: number) => mapId(idmap?.uid, inside);
  const mapGid = (inside: number) => mapId(idmap?.gid, inside);
  const bindNodes = user !== undefined;
  const deviceNodes = planDeviceNodes(spec.devices?.nodes ?? [], {
    mapUid,
    mapGid,
    bindNodes,
    ownDev: kernelMounts?.dev !== 'none',
  });
  const deviceRules = listDeviceRules(mknod, spec.devices?.rules, deviceNodes.uses);
  const hasDeviceRules = spec.devices?.rules !== undefined;
  const cgroups = planCgroups({ spec, devices: deviceRules, hasDeviceRules, hasUserNamespace }, host);
  const cgroupView = { root, hasUserNamespace, mode: kernelMounts?.cgroup };
  const hostFiles = planHostFiles({
    hostFiles: spec.hostFiles,
    ownNetwork,
    names: namesOfNetworks(spec, options.networks ?? new Map(), hostnameOf(spec)),
    ...describeRoot(spec),
    hasUserNamespace,
    uuid: options.uuid,
    hostMachineId: host.machineId,
  });
  const network = planNetwork(spec.interfaces, ownNetwork, options.uuid, options.networks, spec.ports);

  const meta: Op[] = [
    { op: 'name', name: spec.name },
    ...(user === undefined ? [] : planFirstStage(user)),
    ...planNamespaces(spec),
    planMonitor(spec, host, options),
    ...planLifecycle(spec),
    ...planRoles(spec),
    ...(options.run === undefined ? [] : [{ op: 'run' } as const]),
    ...planHooks(spec, { stateDir: host.containerStateDir, ...definitionOf(options) }),
  ];
  const hostSide: Op[] = [
    ...deviceNodes.devices,
    ...cgroups.ops,
    ...network.host,
    ...planDelegation(cgroups.groups, host.cgroups, cgroupView),
    ...hostFiles.host,
  ];
  const link: Op[] = [...planOuterProcess(spec), ...network.link, ...planUserLinks(spec, options.uuid, host)];
  const planned: Op[] = [
    ...planRoot(spec.filesystems, { rootMode: spec.rootMode, hasUserNamespace, root }),
    // Before what belongs to init's namespaces, so that it has the time to make them.
    ...planDevnodes(spec.consoles.length, {
      root,
      ttyGid: mapGid(TTY_GID),
      bindNodes,
      kernelMounts,
      nodes: deviceNodes.nodes,
    }),
    ...planKernelMounts({
      // Nobody in a run may change a network: its /proc/sys is read-only as a whole, which needs fewer mounts.
      ownNetwork: ownNetwork && options.run === undefined,
      hasUserNamespace,
      isOrdinaryUser: user !== undefined,
      nesting: security.nesting,
      securityfs: host.securityfs,
      kernelMounts,
    }),
    ...planCgroupView(cgroups.groups, host.cgroups, cgroupView),
    ...planFilesystems(spec.filesystems, { root: hasUserNamespace ? root : undefined, mapUid, mapGid, kernelMounts }),
    ...(options.run === undefined ? planViews(spec, host) : []),
    ...hostFiles.mount,
    ...planNotify(spec.lifecycle, spec.filesystems),
    ...planMasks(spec.name, security, kernelMounts),
    { op: 'pivot' },
  ];
  const mount = options.run === undefined ? planned : arrangeRunMounts(planned, spec, options.run);
  const init: Op[] = [
    ...planRemounts(spec.filesystems),
    ...planHostname(spec),
    ...network.init,
    ...planSysctls(spec),
    ...planPersonality(isCompat),
    ...planProcess(spec, hasController(host.cgroups, 'cpuset')),
    ...planDirectoryAndUser(spec),
    planCapabilities(capabilities, spec.features.capabilities, host.lastCapability),
    ...(security.noNewPrivs === true ? [{ op: 'no-new-privs' } as const] : []),
    ...planLabels(spec, host),
    ...planSync(spec.name, spec.process?.suppressSync, host),
    ...planSeccomp(security, host, { capabilities, allowSocketcall: isCompat, hasOtherSteps: hasOtherSteps(spec) }),
    ...(options.run === undefined ? planExec(spec, options.uuid) : planRunEnvironment(spec)),
  ];
  return { ops: [...meta, ...hostSide, ...link, ...mount, ...init] };
}

/** Whether init has more to do before its exec than what every container asks for. */
function hasOtherSteps({ process, namespaces, hooks, numa, init, security, lifecycle }: ContainerSpec): boolean {
  const parts = [process, namespaces, hooks, numa, security.labels, lifecycle.notifyReady];
  return init.reaper === true || parts.some((part) => part !== undefined);
}

/** Whether files can be put into the root, and whether they stay. */
function describeRoot({ filesystems, rootMode }: ContainerSpec): { readOnlyRoot: boolean; isEphemeral: boolean } {
  const root = filesystems.find(isRoot);
  // The host's own root is not there to be written to, be it writable.
  const isHostRoot = root === undefined || (root.type === 'mount' && /^\/[/.]*$/.test(root.source));
  return {
    readOnlyRoot: rootMode === 'state' || (rootMode === undefined && (isHostRoot || root.readonly)),
    isEphemeral: rootMode !== undefined && rootMode !== 'state',
  };
}

function planMonitor(
  spec: ContainerSpec,
  host: HostFacts,
  { logLimitBytes = host.consoleLogLimitBytes ?? DEFAULT_LOG_LIMIT_BYTES }: CompileOptions,
): Op {
  const onReboot = continueReboot(spec.lifecycle);
  return { op: 'monitor', logDir: host.containerStateDir, logLimit: logLimitBytes, onReboot };
}

/** Who is PID 1, and whether init has a terminal. */
function planRoles({ init, process }: ContainerSpec): Op[] {
  return [
    ...(init.reaper === true ? [{ op: 'reaper' } as const] : []),
    ...(process?.terminal === false ? [{ op: 'no-terminal' } as const] : []),
  ];
}

function definitionOf({ definition }: CompileOptions): { definition?: string } {
  return definition === undefined ? {} : { definition };
}

/** What the text asks for and no start can give, all of it at once. */
function refuseUnstartable({ name, refusals = [], idmap, idRange }: ContainerSpec): void {
  if (refusals.length > 0)
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${refusals.join('; ')}`, { data: { refusals } });
  if (idRange !== undefined && idmap === undefined)
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': the ids of its user namespace are not chosen yet`, {
      hint: 'ctr define chooses them',
    });
}

/** Whoever has id 0 of the host inside writes to the files of its root: that is meant, or it is a slip. */
function refuseHostRoot({ name, idmap, security }: ContainerSpec): void {
  const hasHostRoot = [...(idmap?.uid ?? []), ...(idmap?.gid ?? [])].some(({ outside }) => outside === 0);
  if (security.hostRoot === true || !hasHostRoot) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': its id map has id 0 of the host`, {
    hint: "if that is meant: <ctr:host-root state='on'/> in libvirt's XML, security.hostRoot in ctr's JSON",
  });
}
