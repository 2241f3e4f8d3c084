/** Programs as root of an ordinary user's first stage: for trees whose ids are those of his containers. */
import { CtrError } from '../errors.js';
import type { HostIdRange, OrdinaryUser } from '../system/host-facts.js';
import { lastLine, runHelper } from './helper.js';

/** In the form of the helper: lines of uid_map, separated by commas. */
function formatMap(own: number, ranges: readonly HostIdRange[]): string {
  let inside = 1;
  const lines = ranges.map(({ outside, count }) => `${(inside += count) - count} ${outside} ${count}`);
  return [`0 ${own} 1`, ...lines].join(',');
}

/** @param program absolute path. @throws CtrError CTR_IO with what it says when it fails, CTR_HELPER */
async function runInFirstStage(
  helper: string,
  user: OrdinaryUser,
  action: string,
  program: readonly string[],
): Promise<void> {
  const maps = [formatMap(user.uid, user.subordinate.uid), formatMap(user.gid, user.subordinate.gid)];
  const { exitCode, stdout, stderr } = await runHelper(helper, ['ns-run', ...maps, ...program]);
  if (exitCode === 0) return;
  throw new CtrError(
    'CTR_IO',
    `cannot ${action}: ${readFailure(stdout) ?? (lastLine(stderr) || `exit status ${exitCode}`)}`,
  );
}

function readFailure(text: string): string | undefined {
  try {
    const { step, call, errnoName, message } = JSON.parse(text) as Record<string, string>;
    return [step, call, errnoName ? `${errnoName} (${message})` : message].filter(Boolean).join(': ');
  } catch {
    return undefined;
  }
}

/** Gives a tree that the user has made to root of a container. @param root ids of the host */
export async function giveTree(
  helper: string,
  user: OrdinaryUser,
  path: string,
  root: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const inside = (own: number, ranges: readonly HostIdRange[], id: number): number => {
    let first = 1;
    for (const { outside, count } of ranges) {
      if (id >= outside && id < outside + count) return first + (id - outside);
      first += count;
    }
    if (id === own) return 0;
    throw new RangeError(`${id} is none of the user's ids`);
  };
  const uid = inside(user.uid, user.subordinate.uid, root.uid);
  const gid = inside(user.gid, user.subordinate.gid, root.gid);
  if (uid === 0 && gid === 0) return;
  const args = ['own-tree', path, `${uid}`, `${gid}`];
  await runInFirstStage(helper, user, `give '${path}' to the container`, [helper, ...args]);
}

/** Removes a tree in which files belong to ids of containers. */
export async function removeTreeInFirstStage(helper: string, user: OrdinaryUser, path: string): Promise<void> {
  const program = ['/bin/rm', '-rf', '--one-file-system', '--', path];
  await runInFirstStage(helper, user, `remove '${path}'`, program);
}
