import type { FilesystemSpec, MountFlag } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op } from '../exec/plan.js';
import { mapOptions } from './plan-media.js';
import { bindFlagsOf, flagsOf, optionsOf } from './plan-mount-flags.js';

type Overlay = Extract<FilesystemSpec, { type: 'overlay' }>;

/** Options of the tmpfs for what is written: it is in memory, and gone with the container. */
export const TEMPORARY = 'mode=755';

/**
 * Refuses an upper directory where the kernel makes no work directory beside it: overlayfs does that as root of the host, who has
 * no id in an id-mapped root.
 *
 * @throws CtrError CTR_UNSUPPORTED
 */
export function checkUpper(
  filesystem: FilesystemSpec,
  root: FilesystemSpec | undefined,
  hasUserNamespace: boolean,
): void {
  if (filesystem.type !== 'overlay' || filesystem.readonly || !filesystem.upper?.startsWith('+')) return;
  const accessMode = root !== undefined && 'accessMode' in root ? root.accessMode : undefined;
  if (mapOptions(accessMode, hasUserNamespace) === 0) return;
  const { target, upper } = filesystem;
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot plan filesystem '${target}': its upper directory '${upper}' lies in an id-mapped root`,
    { hint: 'name a directory of the host, or none: then what is written is kept in memory' },
  );
}

/**
 * Other directories, with what is written to them apart. Read-only: the upper directory is one more that is read.
 *
 * @param byDefault flags where the configuration names none
 * @throws CtrError CTR_BAD_CONFIG on a path that is not absolute, or without a layer
 */
export function planOverlay(overlay: Overlay, byDefault: readonly MountFlag[]): Op {
  const { target, lowers, upper, readonly } = overlay;
  const layers = readonly && upper !== undefined ? [...lowers, upper] : lowers;
  const writable = readonly ? undefined : upper;
  const fail = (reason: string) => new CtrError('CTR_BAD_CONFIG', `cannot plan filesystem '${target}': ${reason}`);
  if (layers.length === 0) throw fail('an overlay needs a lower directory');
  for (const path of [...layers, ...(writable === undefined ? [] : [writable])]) {
    if (!/^\+?\//.test(path)) throw fail(`'${path}' is no absolute path`);
    if (target === '/' && path.startsWith('+')) throw fail(`'${path}' lies in the root, which this overlay makes`);
  }
  const [only] = layers;
  // An overlay of one directory, to which nobody writes, is that directory.
  if (readonly && layers.length === 1 && only !== undefined && target !== '/') {
    const inside = only.startsWith('+');
    return {
      op: 'bind',
      source: inside ? only.slice(1) : only,
      target,
      flags: bindFlagsOf(overlay, byDefault, false),
      options: (inside ? OPTION.INSIDE : 0) | optionsOf(overlay),
    };
  }
  const isReadOnlyRoot = readonly && target === '/';
  return {
    op: 'overlay',
    layers: new TextEncoder().encode(layers.map((path) => `${path}\0`).join('')),
    upper: writable ?? '',
    target,
    // Mount points are made in the root before it becomes read-only: in memory, where no directory is for them.
    flags: flagsOf(overlay, byDefault) & (isReadOnlyRoot ? ~MS.RDONLY : ~0),
    data: (!readonly && upper === undefined) || isReadOnlyRoot ? TEMPORARY : '',
    options: optionsOf(overlay) | (isReadOnlyRoot ? OPTION.READ_ONLY : 0),
  };
}
