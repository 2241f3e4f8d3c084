import type { FilesystemSpec, RootMode } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op } from '../exec/plan.js';
import { mapOptions, mediumOptions } from './plan-media.js';
import { flagsOf, receives } from './plan-mount-flags.js';
import { planOverlay } from './plan-overlay.js';

/** What the host has there is not the container's: its own come in their place. */
const HOST_MOUNTS = ['/proc', '/sys', '/dev'];

export interface RootRequest {
  readonly rootMode?: RootMode | undefined;
  /** Without one, ids on disk are those inside. */
  readonly hasUserNamespace: boolean;
  /** The container's root as the host sees it. */
  readonly root: { readonly uid: number; readonly gid: number };
}

/**
 * The root: the file system whose target is '/', else the host's own root, as libvirt does; then what becomes of changes to it.
 *
 * @throws CtrError CTR_UNSUPPORTED on a root of a kind that cannot be one, or on two of them
 */
export function planRoot(filesystems: readonly FilesystemSpec[], request: RootRequest): Op[] {
  const [root, second] = filesystems.filter(isRoot);
  if (second !== undefined)
    throw new CtrError('CTR_UNSUPPORTED', "cannot plan filesystem '/': two filesystems have this target");
  return [...planTree(root, request), ...planRootMode(request)];
}

export function isRoot(filesystem: FilesystemSpec): boolean {
  return filesystem.target === '/';
}

/** With each of the modes the tree itself stays as it is. */
function planTree(root: FilesystemSpec | undefined, { rootMode, hasUserNamespace, root: ids }: RootRequest): Op[] {
  const isCovered = rootMode !== undefined && rootMode !== 'state';
  const readOnly = root?.readonly === true || rootMode === 'state' ? OPTION.READ_ONLY : 0;
  if (root === undefined) return planDirectory('/', readOnly, isCovered);
  switch (root.type) {
    case 'mount': {
      // A slash at the end would follow a link that stands in the place of the root.
      const source = root.source.replace(/(?<=.)\/+$/, '');
      const receive = receives(root) ? OPTION.RECEIVE : 0;
      return planDirectory(source, mapOptions(root.accessMode, hasUserNamespace) | readOnly | receive, isCovered);
    }
    case 'block':
    case 'file': {
      const { source, fstype = '', data = '' } = root;
      const flags = flagsOf({ ...root, readonly: root.readonly || rootMode !== undefined }, ['nodev']);
      return [
        { op: 'root-device', source, fstype, flags, data, options: mediumOptions(root, hasUserNamespace) | readOnly },
      ];
    }
    case 'overlay':
      return [planOverlay(root, ['nodev'])];
    case 'ram': {
      const { mode = 0o755, sizeBytes } = root;
      const size = sizeBytes === undefined ? '' : `,size=${sizeBytes}`;
      const owner = hasUserNamespace ? `,uid=${ids.uid},gid=${ids.gid}` : '';
      return [{ op: 'root-empty', data: `mode=${mode.toString(8)}${size}${owner}`, options: readOnly }];
    }
    default:
      throw new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '/': type '${root.type}' cannot be the root`, {
        hint: "use type='mount' with a directory of the host",
      });
  }
}

/** @param isCovered what the host has mounted in the tree does not get into the root */
function planDirectory(source: string, options: number, isCovered: boolean): Op[] {
  const detach =
    source === '/' && !isCovered
      ? HOST_MOUNTS.map((path): Op => ({ op: 'detach', path, options: OPTION.OPTIONAL }))
      : [];
  return [{ op: 'root', source, options }, ...detach];
}

/** systemd-nspawn(1), --volatile= and --ephemeral, with its limits; ids of the host. */
function planRootMode({ rootMode, hasUserNamespace, root }: RootRequest): Op[] {
  const owner = hasUserNamespace ? `,uid=${root.uid},gid=${root.gid}` : '';
  const data = `mode=755,size=25%,nr_inodes=1m${owner}`;
  switch (rootMode) {
    case 'ephemeral':
    case 'overlay':
      return [{ op: 'root-overlay', data }];
    case 'yes':
      return [{ op: 'root-usr', data }];
    case 'state': {
      const flags = MS.NOSUID | MS.NODEV;
      return [{ op: 'mount', fstype: 'tmpfs', source: 'tmpfs', target: '/var', flags, data, options: 0 }];
    }
    default:
      return [];
  }
}
