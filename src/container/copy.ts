/** cp: files and trees into a container and out of it. */
import { CtrError } from '../errors.js';
import { type CopyRequest, copyArgs, copyByFrontDoor } from '../exec/cp.js';
import { findFrontDoor } from '../exec/front-door.js';
import { isDefined, notFound } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { statusOf } from './reconcile.js';

export interface CopyOptions extends CtrOptions, CopyRequest {}

/**
 * Copies from the host into a container, whether it runs or not. As `ctr cp SOURCE NAME:TARGET`.
 *
 * @param source path of the host; `DIR/.` is what is in DIR
 * @param target path inside: a directory that is there takes the source by its name
 * @throws CtrError CTR_NOT_FOUND, CTR_IO with the first file that could not be copied
 */
export async function copyIn(name: string, source: string, target: string, options: CopyOptions = {}): Promise<void> {
  await copy(name, ownPath(source), `${name}:${target}`, options);
}

/** Copies from a container to the host. As `ctr cp NAME:SOURCE TARGET`. @throws as `copyIn` */
export async function copyOut(name: string, source: string, target: string, options: CopyOptions = {}): Promise<void> {
  await copy(name, `${name}:${source}`, ownPath(target), options);
}

/** A path with a colon, or one that is `-`, is not to be taken for something else. */
function ownPath(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}

async function copy(name: string, source: string, target: string, options: CopyOptions): Promise<void> {
  checkName(name);
  const paths = openPaths(options);
  if (statusOf(paths, name).run === undefined && !isDefined(paths, name)) throw notFound('copy', name);
  const door = findFrontDoor(options.helper, paths);
  const { exitCode, lines } = await copyByFrontDoor(door, copyArgs(source, target, options));
  if (exitCode === 0) return;
  const first = lines.find((line) => line.startsWith('cannot ')) ?? `cannot copy '${source}': exit status ${exitCode}`;
  throw new CtrError('CTR_IO', first);
}
