import type { FilesystemSpec, MountFlag } from './spec.js';

type Plain = Readonly<Record<string, unknown>>;

/** Flags of a kind of mount that names none (src/rootfs/). */
function flagsByDefault({ type, target, ...filesystem }: FilesystemSpec): readonly MountFlag[] {
  switch (type) {
    case 'mount':
      return target === '/' ? [] : ['nodev', 'nosuid'];
    case 'ram':
      return ['nodev', 'nosuid'];
    case 'block':
    case 'file':
    case 'overlay':
      return target === '/' ? ['nodev'] : ['nodev', 'nosuid'];
    case 'special':
      return 'fstype' in filesystem && filesystem.fstype === 'devpts'
        ? ['noexec', 'nosuid']
        : ['nodev', 'noexec', 'nosuid'];
    default:
      return [];
  }
}

/** The kernel's own mode of a tmpfs. */
const TMPFS_MODE = 0o1777;
const MADE_AS_DIRECTORY: ReadonlySet<string> = new Set(['ram', 'special', 'block', 'file', 'overlay']);

/** A file system with what is meant where it says nothing; what is as usual is left out. */
export function settleFilesystem(filesystem: FilesystemSpec): Plain {
  const { type, flags = flagsByDefault(filesystem), propagation, create, ...rest } = filesystem;
  return {
    type,
    ...rest,
    flags: [...new Set(flags)].toSorted(),
    // A mount is nobody else's unless it says so.
    ...(propagation === undefined || /private$/.test(propagation) ? {} : { propagation }),
    ...(create === undefined || (create === 'dir' && MADE_AS_DIRECTORY.has(type)) ? {} : { create }),
    ...settleKind(filesystem),
  };
}

function settleKind(filesystem: FilesystemSpec): Plain {
  switch (filesystem.type) {
    case 'ram':
      return filesystem.copyUp === true ? {} : { mode: filesystem.mode ?? TMPFS_MODE };
    case 'block':
    case 'file':
      return { accessMode: filesystem.accessMode ?? 'passthrough' };
    case 'mount':
      // The root is always recursive.
      return filesystem.target === '/' ? { recursive: undefined } : {};
    default:
      return {};
  }
}
