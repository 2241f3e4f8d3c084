/** The root of a run, as this host and its definitions are now. */
import { type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import type { FilesystemSpec, IdMapSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Paths } from '../system/paths.js';
import { rootOf } from './check-startable.js';
import { loadFormatsOf } from './load-formats-of.js';
import type { RunPart } from './plan-run.js';
import { readSpec } from './read-spec.js';
import { PRIVATE_DIRS, type RunBind, type RunRoot } from './run-spec.js';

/** What the container has of its own in place of the host's. */
const KERNEL_DIRS = ['/proc', '/sys', '/dev'];
const MOST_ENTRIES = 256;

export interface RunRootPlan {
  readonly root: RunRoot;
  readonly run: RunPart;
  /** Whom its files belong to, where that is somebody inside. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** A map that its files on disk have already. */
  readonly idmap?: IdMapSpec;
}

/**
 * The host's tree. Targets that are missing in it are made in directories of memory that show the same as the host's: on the host
 * itself nothing is made.
 *
 * @throws CtrError CTR_UNSUPPORTED
 */
export function planHostRoot(binds: readonly RunBind[]): RunRootPlan {
  const privateDirs = Object.keys(PRIVATE_DIRS).filter((path) => lstatSync(path, { throwIfNoEntry: false }));
  const parents = new Set(
    binds.flatMap(({ target }) => parentOfMissing(target, [...privateDirs, ...targetsOf(binds)])),
  );
  const shown = [...parents].sort().map((parent) => showDirectory(parent, privateDirs));
  const top: FilesystemSpec = parents.has('/')
    ? { type: 'ram', target: '/', readonly: true, mode: 0o755 }
    : { type: 'mount', source: '/', target: '/', readonly: true, accessMode: 'passthrough' };
  return {
    root: { kind: 'host', privateDirs, filesystems: [top, ...shown.flatMap(({ filesystems }) => filesystems)] },
    run: { binds: [], sealedRoot: true, links: shown.flatMap(({ links }) => links) },
  };
}

/** @throws CtrError CTR_NOT_FOUND, CTR_UNSUPPORTED */
export function planDirectoryRoot(source: string): RunRootPlan {
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true)
    throw new CtrError(
      'CTR_NOT_FOUND',
      `cannot run in '${source}': it is ${stat === undefined ? 'not there' : 'no directory'}`,
    );
  const { uid, gid } = stat;
  return { root: { kind: 'directory', source }, run: { binds: [], sealedRoot: false, links: [] }, owner: { uid, gid } };
}

/**
 * @param isOrdinaryUser ids are those on disk then: no mount of his maps them
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG, CTR_UNSUPPORTED
 */
export async function planRootOf(paths: Paths, name: string, isOrdinaryUser: boolean): Promise<RunRootPlan> {
  await loadFormatsOf(name, paths);
  const { spec } = readSpec('run from', paths, name);
  const found = spec.filesystems.find(({ target }) => target === '/');
  if (found === undefined || rootOf(spec) === '/') {
    if (found === undefined || found.type === 'mount')
      throw new CtrError('CTR_UNSUPPORTED', `cannot run from '${name}': its root is that of the host`, {
        hint: 'without --from the host is the root, read-only',
      });
  }
  const isPassed = found.type === 'mount' && found.accessMode === 'passthrough';
  // Files of the host's root become those of root inside.
  const root: FilesystemSpec =
    isPassed && spec.idmap === undefined && !isOrdinaryUser ? { ...found, accessMode: 'mapped' } : found;
  const { propagation: _none, ...alone } = root;
  const owner =
    isOrdinaryUser && found.type === 'mount' ? lstatSync(found.source, { throwIfNoEntry: false }) : undefined;
  return {
    root: { kind: 'definition', root: { ...alone, readonly: false } },
    run: { binds: [], sealedRoot: false, links: [] },
    ...(owner === undefined ? {} : { owner: { uid: owner.uid, gid: owner.gid } }),
    ...(isPassed && spec.idmap !== undefined ? { idmap: spec.idmap } : {}),
  };
}

/** As paths without a slash at the end. */
export function targetsOf(binds: readonly RunBind[]): string[] {
  return binds.map(({ target }) => posix.normalize(target).replace(/(?<=.)\/$/, ''));
}

/** The directory of the host in which the first missing part of a target would have to be made; none where it is there. */
function parentOfMissing(target: string, ownPlaces: readonly string[]): string[] {
  const path = posix.normalize(target).replace(/(?<=.)\/$/, '');
  // What lies in a directory of its own, or in another bind, is made there.
  if (ownPlaces.some((place) => path.startsWith(`${place}/`))) return [];
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return [];
  let parent = posix.dirname(path);
  while (lstatSync(parent, { throwIfNoEntry: false }) === undefined) parent = posix.dirname(parent);
  if (!lstatSync(parent).isDirectory())
    throw new CtrError('CTR_UNSUPPORTED', `cannot bind on '${target}': '${parent}' of the host is no directory`);
  return [parent];
}

/** A directory of memory in place of one of the host, with all that the latter has. */
function showDirectory(dir: string, privateDirs: readonly string[]) {
  const entries = readdirSync(dir, { withFileTypes: true });
  if (entries.length > MOST_ENTRIES) {
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot bind in '${dir}': the target is missing, and it has ${entries.length} entries`,
      {
        hint: 'choose a target that is there, or one below /tmp or /home',
      },
    );
  }
  const pathOf = ({ name }: Dirent) => posix.join(dir, name);
  const shown = entries.filter((entry) => ![...KERNEL_DIRS, ...privateDirs].includes(pathOf(entry)));
  const own: FilesystemSpec[] = dir === '/' ? [] : [{ type: 'ram', target: dir, readonly: false, mode: 0o755 }];
  return {
    filesystems: [
      ...own,
      ...shown
        .filter((entry) => entry.isDirectory() || entry.isFile())
        .map((entry): FilesystemSpec => {
          const path = pathOf(entry);
          const flags = ['nosuid', 'nodev'] as const;
          return {
            type: 'mount',
            source: path,
            target: path,
            readonly: true,
            recursive: true,
            accessMode: 'passthrough',
            flags,
          };
        }),
    ],
    links: shown
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => ({ path: pathOf(entry), target: readlinkSync(pathOf(entry)) })),
  };
}
