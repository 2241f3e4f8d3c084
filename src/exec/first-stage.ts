/** Programs as root of an ordinary user's first stage: for trees whose ids are those of his containers. */
import { CtrError } from '../errors.js';
import { stageRanges, toStageId } from '../system/first-stage-ids.js';
import type { OrdinaryUser } from '../system/host-facts.js';
import { lastLine, runHelper } from './helper.js';

/** As the helper takes it: the lines of a map, separated by commas. */
function formatMap(user: OrdinaryUser, kind: 'uid' | 'gid'): string {
  return stageRanges(user, kind)
    .map(({ inside, outside, count }) => `${inside} ${outside} ${count}`)
    .join(',');
}

/** The helper's own probe, as root of the first stage. @returns its stdout, or the helper's report of why there is no first stage */
export async function probeInFirstStage(
  helper: string,
  user: OrdinaryUser,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const args = ['ns-run', formatMap(user, 'uid'), formatMap(user, 'gid'), helper, 'probe'];
  const { exitCode, stdout } = await runHelper(helper, args);
  return { ok: exitCode === 0, text: stdout };
}

/** @param program absolute path and arguments. @throws CtrError CTR_IO with what it says when it fails, CTR_HELPER */
async function runInFirstStage(
  helper: string,
  user: OrdinaryUser,
  action: string,
  program: readonly string[],
): Promise<void> {
  const args = ['ns-run', formatMap(user, 'uid'), formatMap(user, 'gid'), ...program];
  const { exitCode, stdout, stderr } = await runHelper(helper, args);
  if (exitCode === 0) return;
  const reason = readFailure(stdout) ?? (lastLine(stderr) || `exit status ${exitCode}`);
  throw new CtrError('CTR_IO', `cannot ${action}: ${reason}`);
}

/** What the helper reports. */
function readFailure(text: string): string | undefined {
  try {
    const { step, call, errnoName, message } = JSON.parse(text) as Record<string, string>;
    return [step, call, errnoName ? `${errnoName} (${message})` : message].filter(Boolean).join(': ');
  } catch {
    return undefined;
  }
}

/** Gives a tree that the user has made to root of a container. @param root ids of the host, of the user's own */
export async function giveTree(
  helper: string,
  user: OrdinaryUser,
  path: string,
  root: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const uid = toStageId(user, 'uid', { outside: root.uid, count: 1 });
  const gid = toStageId(user, 'gid', { outside: root.gid, count: 1 });
  if (uid === undefined || gid === undefined)
    throw new RangeError(`${root.uid}:${root.gid} are none of the user's ids`);
  if (uid === 0 && gid === 0) return;
  const program = [helper, 'own-tree', path, `${uid}`, `${gid}`];
  await runInFirstStage(helper, user, `give '${path}' to the container`, program);
}

/** Removes a tree in which files belong to ids of containers. */
export async function removeTreeInFirstStage(helper: string, user: OrdinaryUser, path: string): Promise<void> {
  const program = ['/bin/rm', '-rf', '--one-file-system', '--', path];
  await runInFirstStage(helper, user, `remove '${path}'`, program);
}
