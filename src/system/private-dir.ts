/** Directories that only their owner may change: nobody else can put a link or a file there first. */
import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from './reason.js';

const HINT = 'CTR_STATE_DIR and CTR_RUN_DIR name other directories';

/**
 * Makes the directory, mode 0700, when missing (its parents above with 0755), and refuses one that is a symbolic link,
 * belongs to another user or can be written by others.
 *
 * @throws CtrError CTR_IO
 */
export function ensurePrivateDir(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new CtrError('CTR_IO', `cannot make directory '${path}': ${reasonOf(error)}`, { hint: HINT, cause: error });
    }
  }
  const stat = lstatSync(path, { throwIfNoEntry: false });
  // Removed again in between, by the command that held its lock.
  if (stat === undefined) {
    ensurePrivateDir(path);
    return;
  }
  const fault = faultOf(stat);
  if (fault !== undefined) {
    throw new CtrError('CTR_IO', `cannot use directory '${path}': it ${fault}`, {
      hint: HINT,
    });
  }
}

function faultOf(stat: Stats): string | undefined {
  if (stat.isSymbolicLink()) return 'is a symbolic link';
  if (!stat.isDirectory()) return 'is not a directory';
  if (stat.uid !== process.geteuid?.()) return `belongs to another user (uid ${stat.uid})`;
  if ((stat.mode & 0o022) !== 0) return 'can be written by other users';
  return undefined;
}

/** Whether nobody but its owner, who is the caller, may look into it. */
export function isPrivateDir(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o777) === 0o700;
}
