/** Where systemd-nspawn looks for a machine's tree and settings (systemd-nspawn(1), machinectl(1): "Files and directories"). */
import { type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';

const IMAGE_DIRS = [
  '/etc/machines',
  '/run/machines',
  '/var/lib/machines',
  '/var/lib/container',
  '/usr/local/lib/machines',
  '/usr/lib/machines',
];
const SETTINGS_DIRS = ['/etc/systemd/nspawn', '/run/systemd/nspawn'];

/** What becomes of NAME.nspawn: `no` it is not read; `trusted` it may say everything, wherever it is; else its place decides. */
export const SETTINGS_MODES = ['yes', 'no', 'override', 'trusted'] as const;
export type SettingsMode = (typeof SETTINGS_MODES)[number];

/**
 * The tree of a machine: beside the file that names it, else the first of nspawn's directories that has one.
 *
 * @param beside directory to look in first
 * @returns undefined when there is none
 * @throws CtrError CTR_UNSUPPORTED where there is an image instead: ctr starts from directories
 */
export function findRoot(name: string, beside?: string): string | undefined {
  for (const dir of [...(beside === undefined ? [] : [beside]), ...IMAGE_DIRS]) {
    const path = join(dir, name);
    if (statOf(path)?.isDirectory()) return path;
    if (statOf(`${path}.raw`) !== undefined) throw refuseImage(`${path}.raw`);
  }
  return undefined;
}

export interface FoundSettings {
  readonly path: string;
  /** It lies where only the administrator writes. */
  readonly trusted: boolean;
}

/** NAME.nspawn of a tree, in nspawn's order; the first there is. */
export function findSettings(name: string, rootfs: string, mode: SettingsMode): FoundSettings | undefined {
  if (mode === 'no') return undefined;
  const file = `${name}.nspawn`;
  for (const dir of SETTINGS_DIRS) {
    if (statOf(join(dir, file)) !== undefined) return { path: join(dir, file), trusted: true };
  }
  const beside = join(dirname(rootfs), file);
  return statOf(beside) === undefined ? undefined : { path: beside, trusted: mode === 'trusted' };
}

/** @throws CtrError CTR_IO, CTR_UNSUPPORTED: a root that somebody names must be there */
export function checkRootDir(rootfs: string): void {
  let stat: Stats;
  try {
    stat = statSync(rootfs);
  } catch (error) {
    throw new CtrError('CTR_IO', `cannot use root file system '${rootfs}': ${reasonOf(error)}`, { cause: error });
  }
  if (!stat.isDirectory()) throw refuseImage(rootfs);
}

function refuseImage(path: string): CtrError {
  return new CtrError('CTR_UNSUPPORTED', `cannot use '${path}' as a root file system: it is not a directory`, {
    hint: 'mount the image somewhere, and name that directory with --rootfs',
  });
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
