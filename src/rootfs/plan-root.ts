import type { FilesystemSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';

/** What the host has there is not the container's: its own come in their place. */
const HOST_MOUNTS = ['/proc', '/sys', '/dev'];

/**
 * The root: the file system whose target is '/', else the host's own root, as libvirt does.
 *
 * @param hasUserNamespace without one, ids on disk are those inside, and `mapped` asks for nothing
 * @throws CtrError CTR_UNSUPPORTED on a root that is no directory of the host, or on two of them
 */
export function planRoot(filesystems: readonly FilesystemSpec[], hasUserNamespace: boolean): Op[] {
  const [root, second] = filesystems.filter(isRoot);
  if (second !== undefined)
    throw new CtrError('CTR_UNSUPPORTED', "cannot plan filesystem '/': two filesystems have this target");
  if (root === undefined) return [...planRootOf('/', 0)];
  if (root.type !== 'mount') {
    throw new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '/': type '${root.type}' cannot be the root`, {
      hint: "use type='mount' with a directory of the host",
    });
  }
  const idMapped = root.accessMode === 'mapped' && hasUserNamespace;
  // A slash at the end would follow a link that stands in the place of the root.
  const source = root.source.replace(/(?<=.)\/+$/, '');
  return planRootOf(source, (idMapped ? OPTION.IDMAPPED : 0) | (root.readonly ? OPTION.READ_ONLY : 0));
}

export function isRoot(filesystem: FilesystemSpec): boolean {
  return filesystem.target === '/';
}

function planRootOf(source: string, options: number): Op[] {
  const detach =
    source === '/' ? HOST_MOUNTS.map((path): Op => ({ op: 'detach', path, options: OPTION.OPTIONAL })) : [];
  return [{ op: 'root', source, options }, ...detach];
}
