import { posix } from 'node:path';
import type { FilesystemSpec, KernelMountsSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import { mapOptions, mediumOptions } from './plan-media.js';
import { bindFlagsOf, flagsOf, GUARDED, optionsOf } from './plan-mount-flags.js';
import { checkUpper, planOverlay, TEMPORARY } from './plan-overlay.js';
import { isRoot } from './plan-root.js';
import { fillsOwnPlace, isOwnMount, planSpecial } from './plan-special.js';
import { type InsideIds, ownerOptions, translateIds } from './plan-tmpfs-data.js';

/** Files of /proc that stand-ins like lxcfs replace; all else there is the runtime's. */
const REPLACEABLE_PROC_FILES = new Set(
  ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'slabinfo', 'stat', 'swaps', 'uptime'].map((name) => `/proc/${name}`),
);

/** The runtime's own mounts: one on top would hide what a container is promised, or what its masks protect. */
const OWN_MOUNTS = new Set(['/proc', '/sys', '/dev']);

export interface FilesystemsRequest extends InsideIds {
  readonly kernelMounts?: KernelMountsSpec | undefined;
}

/**
 * The file systems the user asked for, in the order of the configuration, the root left out.
 *
 * @throws CtrError CTR_UNSUPPORTED on a target that is the runtime's own, and on what no start can mount
 */
export function planFilesystems(filesystems: readonly FilesystemSpec[], request: FilesystemsRequest): Op[] {
  const { kernelMounts = {} } = request;
  const root = filesystems.find(isRoot);
  return filesystems
    .filter((filesystem) => !isRoot(filesystem))
    .filter((filesystem) => filesystem.type !== 'special' || !isOwnMount(filesystem, kernelMounts))
    .map((filesystem) => {
      if (filesystem.type !== 'special' || !fillsOwnPlace(filesystem, kernelMounts)) refuseOwnMount(filesystem);
      checkUpper(filesystem, root, request.root !== undefined);
      return planFilesystem(filesystem, request);
    });
}

function refuseOwnMount({ type, target }: FilesystemSpec): void {
  const path = posix.resolve('/', target);
  // To hide more is no harm.
  const isAllowed = REPLACEABLE_PROC_FILES.has(path) || type === 'inaccessible';
  if (!OWN_MOUNTS.has(path) && (!path.startsWith('/proc/') || isAllowed)) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '${target}': ctr itself mounts what belongs there`);
}

function planFilesystem(filesystem: FilesystemSpec, ids: InsideIds): Op {
  const { target } = filesystem;
  const hasUserNamespace = ids.root !== undefined;
  const options = optionsOf(filesystem);
  switch (filesystem.type) {
    case 'bind':
      return {
        op: 'bind',
        source: filesystem.source,
        target,
        flags: bindFlagsOf(filesystem, [], filesystem.recursive),
        options: OPTION.INSIDE | options,
      };
    case 'mount':
      return {
        op: 'bind',
        source: filesystem.source,
        target,
        flags: bindFlagsOf(filesystem, GUARDED, filesystem.recursive),
        options: mapOptions(filesystem.accessMode, hasUserNamespace) | options,
      };
    case 'ram':
      return planRam(filesystem, ids);
    case 'block':
    case 'file':
      return {
        op: 'mount-device',
        source: filesystem.source,
        target,
        fstype: filesystem.fstype ?? '',
        flags: flagsOf(filesystem, GUARDED),
        data: filesystem.data ?? '',
        options: mediumOptions(filesystem, hasUserNamespace) | options,
      };
    case 'special':
      return planSpecial(filesystem, ids);
    case 'overlay':
      return planOverlay(filesystem, GUARDED);
    case 'inaccessible':
      return { op: 'inaccessible', path: target, options: options | (isOfKernel(target) ? OPTION.NO_SYMLINKS : 0) };
    default:
      throw new CtrError(
        'CTR_UNSUPPORTED',
        `cannot plan filesystem '${target}': a '${filesystem.type}' cannot be mounted`,
      );
  }
}

function isOfKernel(target: string): boolean {
  return /^\/(?:proc|sys)\//.test(posix.resolve('/', target));
}

function planRam(ram: Extract<FilesystemSpec, { type: 'ram' }>, ids: InsideIds): Op {
  const { target, sizeBytes, mode, data = '', copyUp } = ram;
  const size = sizeBytes === undefined ? [] : [`size=${sizeBytes}`];
  const permissions = mode === undefined ? [] : [`mode=${mode.toString(8)}`];
  const made = [...size, ...permissions, ...ownerOptions(ids), ...translateIds(data, target, ids)].join(',');
  const flags = flagsOf(ram, GUARDED);
  const options = optionsOf(ram);
  if (copyUp !== true) return { op: 'mount', fstype: 'tmpfs', source: 'tmpfs', target, flags, data: made, options };
  // What is there is seen through a layer on top, and copied where it is written to: no tree is walked before the start.
  return {
    op: 'overlay',
    layers: new TextEncoder().encode(`+${target}\0`),
    upper: '',
    target,
    flags,
    data: made === '' ? TEMPORARY : made,
    options: options | (/(?:^|,)mode=/.test(made) ? OPTION.LOOKS : 0),
  };
}
