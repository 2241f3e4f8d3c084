import { listDeviceRules } from '../cgroups/device-rules.js';
import { hasController, planCgroups } from '../cgroups/plan-groups.js';
import { planCgroupView, planDelegation } from '../cgroups/plan-view.js';
import type { ContainerSpec } from '../config/spec.js';
import { planDeviceNodes } from '../devnodes/plan-device-nodes.js';
import { planDevnodes } from '../devnodes/plan-devnodes.js';
import { CtrError } from '../errors.js';
import type { Op, Plan } from '../exec/plan.js';
import { mapId, mapRoot } from '../namespaces/map-id.js';
import { hasOwnNetwork, planHostname, planNamespaces } from '../namespaces/plan-namespaces.js';
import { planSysctls } from '../namespaces/plan-sysctls.js';
import { planNetwork } from '../network/plan-network.js';
import { planFilesystems } from '../rootfs/plan-filesystems.js';
import { planHostFiles } from '../rootfs/plan-host-files.js';
import { planKernelMounts } from '../rootfs/plan-kernel-mounts.js';
import { planRemounts } from '../rootfs/plan-mount-flags.js';
import { isRoot, planRoot } from '../rootfs/plan-root.js';
import { listCapabilities, planCapabilities } from '../security/plan-capabilities.js';
import { planLabels } from '../security/plan-labels.js';
import { planMasks } from '../security/plan-masks.js';
import { planSeccomp } from '../security/plan-seccomp.js';
import { planSync } from '../security/plan-sync.js';
import type { HostFacts } from '../system/host-facts.js';
import { planHooks } from './plan-hooks.js';
import { is32Bit, planDirectoryAndUser, planExec, planPersonality } from './plan-init.js';
import { continueReboot, planLifecycle, planNotify } from './plan-lifecycle.js';
import { planOuterProcess, planProcess } from './plan-process.js';

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
}

/**
 * The plan of a start: everything it does to the kernel, in order. Pure: the same spec, host and options give the same plan.
 *
 * @throws CtrError CTR_UNSUPPORTED for a rule this host cannot enforce, CTR_BAD_CONFIG for parts that contradict each other
 */
export function compile(spec: ContainerSpec, host: HostFacts, options: CompileOptions): Plan {
  if (spec.consoles.length === 0) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot compile '${spec.name}': it has no console`, {
      hint: "add <console type='pty'/>",
    });
  }
  refuseUnstartable(spec);
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
  const deviceNodes = planDeviceNodes(spec.devices?.nodes ?? [], {
    mapUid,
    mapGid,
    ownDev: kernelMounts?.dev !== 'none',
  });
  const deviceRules = listDeviceRules(mknod, spec.devices?.rules, deviceNodes.uses);
  const hasDeviceRules = spec.devices?.rules !== undefined;
  const cgroups = planCgroups({ spec, devices: deviceRules, hasDeviceRules, hasUserNamespace }, host);
  const cgroupView = { root, hasUserNamespace, mode: kernelMounts?.cgroup };
  const hostFiles = planHostFiles({
    hostFiles: spec.hostFiles,
    ownNetwork,
    ...describeRoot(spec),
    hasUserNamespace,
    uuid: options.uuid,
    hostMachineId: host.machineId,
  });
  const network = planNetwork(spec.interfaces, ownNetwork, options.uuid);

  const meta: Op[] = [
    { op: 'name', name: spec.name },
    ...planNamespaces(spec),
    planMonitor(spec, host, options),
    ...planLifecycle(spec),
    ...planRoles(spec),
    ...planHooks(spec, { stateDir: host.containerStateDir, ...definitionOf(options) }),
  ];
  const hostSide: Op[] = [
    ...deviceNodes.devices,
    ...cgroups.ops,
    ...planDelegation(cgroups.groups, host.cgroups, cgroupView),
    ...hostFiles.host,
    ...network.host,
  ];
  const link: Op[] = [...planOuterProcess(spec), ...network.link];
  // /dev comes before what belongs to init's namespaces, so that it has the time to make them; but for a mixed /sys, which is
  // put together on the /dev that is not there yet.
  const dev = planDevnodes(spec.consoles.length, {
    root,
    ttyGid: mapGid(TTY_GID),
    kernelMounts,
    nodes: deviceNodes.nodes,
  });
  const procAndSys = planKernelMounts({
    ownNetwork,
    hasUserNamespace,
    nesting: security.nesting,
    securityfs: host.securityfs,
    kernelMounts,
  });
  const mount: Op[] = [
    ...planRoot(spec.filesystems, { rootMode: spec.rootMode, hasUserNamespace, root }),
    ...(kernelMounts?.sys === 'mixed' ? [...procAndSys, ...dev] : [...dev, ...procAndSys]),
    ...planCgroupView(cgroups.groups, host.cgroups, cgroupView),
    ...planFilesystems(spec.filesystems, { root: hasUserNamespace ? root : undefined, mapUid, mapGid, kernelMounts }),
    ...hostFiles.mount,
    ...planNotify(spec.lifecycle, spec.filesystems),
    ...planMasks(spec.name, security, kernelMounts),
    { op: 'pivot' },
  ];
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
    ...planSeccomp(security, host, { capabilities, allowSocketcall: isCompat }),
    ...planExec(spec, options.uuid),
  ];
  return { ops: [...meta, ...hostSide, ...link, ...mount, ...init] };
}

/** Whether files can be put into the root, and whether they stay. */
function describeRoot({ filesystems, rootMode }: ContainerSpec): { readOnlyRoot: boolean; isEphemeral: boolean } {
  const isReadOnly = filesystems.some((filesystem) => isRoot(filesystem) && filesystem.readonly);
  return {
    readOnlyRoot: rootMode === 'state' || (rootMode === undefined && isReadOnly),
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
function refuseUnstartable({ name, refusals = [], idmap, idRange, security }: ContainerSpec): void {
  if (refusals.length > 0)
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${refusals.join('; ')}`, { data: { refusals } });
  const maps = [...(idmap?.uid ?? []), ...(idmap?.gid ?? [])];
  if (security.hostRoot !== true && maps.some(({ outside }) => outside === 0))
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': its id map has id 0 of the host`, {
      hint: "if that is meant: <ctr:host-root state='on'/> in libvirt's XML, security.hostRoot in ctr's JSON",
    });
  if (idRange !== undefined && idmap === undefined)
    throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': the ids of its user namespace are not chosen yet`, {
      hint: 'ctr define chooses them',
    });
}
