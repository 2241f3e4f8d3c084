/** ctr's own settings of this host. */
import { CtrError } from '../errors.js';
import { parseSettings } from './parse-settings.js';
import { readSmallFile } from './read-small-file.js';
import type { Settings } from './settings-rows.js';

const USUAL_PATH = '/etc/ctr/ctr.conf';
const LIMIT_BYTES = 65536;

/**
 * The settings of `/etc/ctr/ctr.conf`, or of the file that CTR_CONFIG names; a missing file has none.
 *
 * @throws CtrError CTR_BAD_CONFIG with all faults, each with its line; CTR_IO for a file that is not safe to use: a symbolic link,
 *   one that belongs to another user than root and the caller, or that others may write to
 */
export function readSettings(path: string = process.env.CTR_CONFIG || USUAL_PATH): Settings {
  const file = readSmallFile(path, LIMIT_BYTES, { refuse: refuseForeign });
  if (file.kind === 'missing') return {};
  if (file.kind === 'unreadable') {
    throw new CtrError('CTR_IO', `cannot read settings '${path}': it ${file.reason}`);
  }
  const result = parseSettings(file.text);
  if (result.ok) return result.settings;
  const count = result.faults.length === 1 ? 'it has a fault' : `it has ${result.faults.length} faults`;
  throw new CtrError('CTR_BAD_CONFIG', `cannot read settings '${path}': ${count}`, {
    data: {
      faults: result.faults,
      rendered: result.faults.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'),
    },
  });
}

/** Who may write to it decides what root does. */
function refuseForeign({ uid, mode }: { readonly uid: number; readonly mode: number }): string | undefined {
  if (uid !== 0 && uid !== process.geteuid?.()) return `belongs to another user (uid ${uid})`;
  return (mode & 0o022) === 0 ? undefined : 'can be written by other users';
}
