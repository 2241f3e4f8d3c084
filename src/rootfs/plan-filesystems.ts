import { posix } from 'node:path';
import type { FilesystemSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op } from '../exec/plan.js';
import { isRoot } from './plan-root.js';

/** Files of /proc that stand-ins like lxcfs replace; all else there is the runtime's. */
const REPLACEABLE_PROC_FILES = new Set(
  ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'slabinfo', 'stat', 'swaps', 'uptime'].map((name) => `/proc/${name}`),
);

/** The runtime's own mounts: one on top would hide what a container is promised, or what its masks protect. */
const OWN_MOUNTS = new Set(['/proc', '/sys', '/dev']);

/**
 * The file systems the user asked for, in the order of the configuration, the root left out.
 *
 * @param rootIds the container's root as the host sees it, which owns new file systems; undefined without a user namespace
 * @throws CtrError CTR_UNSUPPORTED on a target that is the runtime's own
 */
export function planFilesystems(
  filesystems: readonly FilesystemSpec[],
  rootIds: { readonly uid: number; readonly gid: number } | undefined,
): Op[] {
  return filesystems
    .filter((filesystem) => !isRoot(filesystem))
    .map((filesystem) => {
      refuseOwnMount(filesystem.target);
      return planFilesystem(filesystem, rootIds);
    });
}

function refuseOwnMount(target: string): void {
  const path = posix.resolve('/', target);
  if (!OWN_MOUNTS.has(path) && (!path.startsWith('/proc/') || REPLACEABLE_PROC_FILES.has(path))) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '${target}': ctr itself mounts what belongs there`);
}

function planFilesystem(
  filesystem: FilesystemSpec,
  rootIds: { readonly uid: number; readonly gid: number } | undefined,
): Op {
  const { target } = filesystem;
  const readOnly = filesystem.readonly ? MS.RDONLY : 0;
  switch (filesystem.type) {
    case 'bind':
      return { op: 'bind', source: filesystem.source, target, flags: readOnly, options: OPTION.INSIDE };
    case 'mount': {
      const idMapped = filesystem.accessMode === 'mapped' && rootIds !== undefined;
      // What the host or another container has put there gives nobody inside more rights.
      const flags = MS.NOSUID | MS.NODEV | readOnly;
      return { op: 'bind', source: filesystem.source, target, flags, options: idMapped ? OPTION.IDMAPPED : 0 };
    }
    case 'ram': {
      const owner = rootIds === undefined ? '' : `,uid=${rootIds.uid},gid=${rootIds.gid}`;
      const data = `size=${filesystem.sizeBytes}${owner}`;
      return {
        op: 'mount',
        fstype: 'tmpfs',
        source: 'tmpfs',
        target,
        flags: MS.NOSUID | MS.NODEV | readOnly,
        data,
        options: 0,
      };
    }
    default:
      throw new CtrError(
        'CTR_UNSUPPORTED',
        `cannot plan filesystem '${target}': type '${filesystem.type}' is not supported yet`,
      );
  }
}
