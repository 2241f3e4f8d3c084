import { quote } from '../display-text.js';
import type { ContainerSpec, FilesystemSpec } from '../spec.js';
import type { Parsed, ValueType } from './rows.js';
import { absolutePath, right, unknownWord } from './values.js';

/** Where the root is; without `filesystem` something that ctr cannot mount. */
export interface RootPath {
  readonly type: RootType;
  readonly filesystem?: RootFilesystem;
}

/** Without what the options say. */
export type RootFilesystem =
  | { readonly type: 'mount'; readonly source: string }
  | { readonly type: 'block'; readonly source: string }
  | { readonly type: 'file'; readonly source: string; readonly driver: 'loop' | 'nbd' }
  | { readonly type: 'overlay'; readonly lowers: readonly string[]; readonly upper: string };

const TYPES = ['dir', 'overlay', 'overlayfs', 'loop', 'nbd', 'lvm', 'zfs', 'btrfs', 'rbd'] as const;
type RootType = (typeof TYPES)[number];

export const rootPath: ValueType<RootPath> = {
  label: 'a path, or TYPE:PATH',
  parse: (text) => {
    const colon = text.indexOf(':');
    // The first colon ends the type, even of a path with a colon in it.
    if (colon === -1) return parsePlain(text);
    const type = TYPES.find((known) => known === text.slice(0, colon));
    if (type === undefined) {
      const reason = `${quote(text.slice(0, colon))} is no type of storage: one of ${TYPES.join(', ')}`;
      return text.startsWith('/')
        ? { ok: false, reason, hint: "the first ':' ends the type: put 'dir:' before the path" }
        : unknownWord(text.slice(0, colon), TYPES, reason);
    }
    return parseTyped(type, text.slice(colon + 1));
  },
};

function parsePlain(text: string): Parsed<RootPath> {
  return withPath('dir', text, (source) =>
    source.startsWith('/dev/') ? { type: 'block', source } : { type: 'mount', source },
  );
}

function parseTyped(type: RootType, rest: string): Parsed<RootPath> {
  if (type === 'overlay' || type === 'overlayfs') return parseOverlay(type, rest);
  if (type === 'nbd') {
    const [file = '', ...partition] = rest.split(':');
    return partition.length > 0
      ? right({ type })
      : withPath(type, file, (source) => ({ type: 'file', source, driver: 'nbd' }));
  }
  if (type === 'loop') return withPath(type, rest, (source) => ({ type: 'file', source, driver: 'loop' }));
  // A subvolume of btrfs is a directory to whoever only mounts it.
  if (type === 'dir' || type === 'btrfs') return withPath(type, rest, (source) => ({ type: 'mount', source }));
  return rest.startsWith('/dev/') ? withPath(type, rest, (source) => ({ type: 'block', source })) : right({ type });
}

function withPath(type: RootType, text: string, make: (source: string) => RootFilesystem): Parsed<RootPath> {
  const path = absolutePath.parse(text);
  return path.ok ? right({ type, filesystem: make(path.value) }) : path;
}

/** overlay:LOWER[:LOWER…]:UPPER, as overlayfs has them: the first is on top of the next. The model begins at the bottom. */
function parseOverlay(type: RootType, text: string): Parsed<RootPath> {
  const paths: string[] = [];
  for (const part of text.split(':')) {
    const path = absolutePath.parse(part);
    if (!path.ok) return path;
    paths.push(path.value);
  }
  const upper = paths.at(-1);
  if (upper === undefined || paths.length < 2) return { ok: false, reason: "must be 'overlay:LOWER:UPPER'" };
  return right({ type, filesystem: { type: 'overlay', lowers: paths.slice(0, -1).reverse(), upper } });
}

/** The filesystem at '/'. */
export function findRoot({ filesystems }: Pick<ContainerSpec, 'filesystems'>): FilesystemSpec | undefined {
  return filesystems.find(({ target }) => target === '/');
}

/** A root as LXC names it; undefined for one that it has no word for. */
export function formatRootPath(root: FilesystemSpec | undefined): string | undefined {
  switch (root?.type) {
    case 'mount':
      return root.source.includes(':') || root.source.startsWith('/dev/') ? `dir:${root.source}` : root.source;
    case 'block':
      return root.source.includes(':') || !root.source.startsWith('/dev/') ? undefined : root.source;
    case 'file':
      if (root.format !== undefined && root.format !== 'raw') return undefined;
      return root.driver === 'nbd' ? `nbd:${root.source}` : `loop:${root.source}`;
    case 'overlay':
      if (root.upper === undefined || [...root.lowers, root.upper].some((path) => /^\+|:/.test(path))) return undefined;
      return ['overlay', ...root.lowers.toReversed(), root.upper].join(':');
    default:
      return undefined;
  }
}
