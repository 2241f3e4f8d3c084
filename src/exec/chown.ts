/** The helper's `chown`: the owners of a whole tree become ids of the host. */
import { spawn } from 'node:child_process';
import { CtrError } from '../errors.js';
import { debug } from '../system/log.js';
import { collect, exitCodeOf } from './helper.js';

export interface Chowned {
  readonly files: number;
  /** Those that had other owners. */
  readonly changed: number;
  /** Owners of no id of the map, which stay. */
  readonly foreign: number;
}

/**
 * Changes the owners of a tree. It may be killed at any time: the next call goes on. On a terminal stderr says how far it is.
 *
 * @param journal file that has what the file being changed had before; gone afterwards
 * @param ranges as `planOwners` gives them
 * @throws CtrError CTR_IO, with step, call and errno as data; CTR_HELPER
 */
export async function chownByHelper(
  path: string,
  root: string,
  journal: string,
  ranges: readonly string[],
): Promise<Chowned> {
  debug(`helper: chown ${root}`);
  const child = spawn(path, ['chown', root, journal, ...ranges], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stdout = collect(child.stdout);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
  const said = parse(stdout());
  if (exitCode === 0 && said.ok === true) return said as unknown as Chowned;
  const { step, call, errnoName, message } = said;
  const reason = [step, call, errnoName || message].filter(Boolean).join(': ');
  throw new CtrError(
    'CTR_IO',
    `cannot change the owners of '${root}': ${reason || `the helper ended with ${exitCode}`}`,
    {
      hint: 'what is changed stays changed; the same command goes on with the rest',
      data: said,
    },
  );
}

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
