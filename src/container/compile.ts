import { listDeviceRules } from '../cgroups/device-rules.js';
import { planCgroups } from '../cgroups/plan-groups.js';
import { planCgroupView, planDelegation } from '../cgroups/plan-view.js';
import type { ContainerSpec } from '../config/spec.js';
import { planDeviceNodes } from '../devnodes/plan-device-nodes.js';
import { planDevnodes } from '../devnodes/plan-devnodes.js';
import { CtrError } from '../errors.js';
import type { Op, Plan } from '../exec/plan.js';
import { mapId, mapRoot } from '../namespaces/map-id.js';
import { hasOwnNetwork, planHostname, planNamespaces } from '../namespaces/plan-namespaces.js';
import { planNetwork } from '../network/plan-network.js';
import { planFilesystems } from '../rootfs/plan-filesystems.js';
import { planHostFiles } from '../rootfs/plan-host-files.js';
import { planKernelMounts } from '../rootfs/plan-kernel-mounts.js';
import { planRemounts } from '../rootfs/plan-mount-flags.js';
import { isRoot, planRoot } from '../rootfs/plan-root.js';
import { listCapabilities, planCapabilities } from '../security/plan-capabilities.js';
import { planMasks } from '../security/plan-masks.js';
import { planSeccomp } from '../security/plan-seccomp.js';
import type { HostFacts } from '../system/host-facts.js';
import { signalNumber } from '../system/signals.js';
import { is32Bit, planDirectoryAndUser, planExec, planPersonality } from './plan-init.js';

/** Group of terminals, which slaves of devpts belong to. */
const TTY_GID = 5;
const DEFAULT_LOG_LIMIT_BYTES = 1024 * 1024;

export interface CompileOptions {
  /** The container's uuid, also where the text has none. */
  readonly uuid: string;
  /** Size limit of a console's log; default the host's setting, else 1 MiB. */
  readonly logLimitBytes?: number;
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
  const { idmap, security } = spec;
  const hasUserNamespace = idmap !== undefined;
  const ownNetwork = hasOwnNetwork(spec);
  const root = mapRoot(idmap);
  const mknod = spec.features.capabilities.states.some(({ name, state }) => name === 'mknod' && state === 'on');
  const capabilities = listCapabilities(spec.features.capabilities, host.lastCapability);
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
    ...planStopSignal(spec),
  ];
  const hostSide: Op[] = [
    ...deviceNodes.devices,
    ...cgroups.ops,
    ...planDelegation(cgroups.groups, host.cgroups, cgroupView),
    ...hostFiles.host,
    ...network.host,
  ];
  const mount: Op[] = [
    ...planRoot(spec.filesystems, { rootMode: spec.rootMode, hasUserNamespace, root }),
    ...planKernelMounts({
      ownNetwork,
      hasUserNamespace,
      nesting: security.nesting,
      securityfs: host.securityfs,
      kernelMounts,
    }),
    ...planCgroupView(cgroups.groups, host.cgroups, cgroupView),
    ...planDevnodes(spec.consoles.length, { root, ttyGid: mapGid(TTY_GID), kernelMounts, nodes: deviceNodes.nodes }),
    ...planFilesystems(spec.filesystems, { root: hasUserNamespace ? root : undefined, mapUid, mapGid, kernelMounts }),
    ...hostFiles.mount,
    ...planMasks(security, kernelMounts),
    { op: 'pivot' },
  ];
  const init: Op[] = [
    ...planRemounts(spec.filesystems),
    ...planHostname(spec.name),
    ...network.init,
    ...planPersonality(isCompat),
    ...planDirectoryAndUser(spec.init),
    planCapabilities(capabilities),
    ...planSeccomp(security, host, { capabilities, allowSocketcall: isCompat }),
    ...planExec(spec, options.uuid),
  ];
  return { ops: [...meta, ...hostSide, ...network.link, ...mount, ...init] };
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
  const onReboot = spec.lifecycle.onReboot === 'restart' ? 'restart' : 'stop';
  return { op: 'monitor', logDir: host.containerStateDir, logLimit: logLimitBytes, onReboot };
}

function planStopSignal({ name, lifecycle: { stopSignal } }: ContainerSpec): Op[] {
  if (stopSignal === undefined) return [];
  const signal = signalNumber(stopSignal);
  if (signal === undefined) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot compile '${name}': this host has no signal '${stopSignal}'`);
  }
  return [{ op: 'stop-signal', signal }];
}
