/** Faults of a root file system that are better told before a start. The helper checks again, and its word is final. */
import { lstatSync } from 'node:fs';
import type { ContainerSpec } from '../config/index.js';
import { CtrError } from '../errors.js';
import { statInside } from '../rootfs/resolve-inside.js';
import { reasonOf } from '../system/reason.js';

/** @throws CtrError CTR_START_FAILED, CTR_UNSUPPORTED */
export function checkStartable(spec: ContainerSpec): void {
  checkRefusals(spec);
  // What is on a disk, in an image or in layers is seen when it is mounted.
  if (spec.filesystems.some(({ target, type }) => target === '/' && type !== 'mount')) return;
  const root = rootOf(spec);
  checkRoot(spec.name, root);
  checkInit(spec, root);
}

/** What the text asks for and no start can give. @throws CtrError CTR_UNSUPPORTED; `data.refusals` has all of them */
export function checkRefusals({ name, refusals = [] }: ContainerSpec): void {
  if (refusals.length === 0) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${refusals.join('; ')}`, { data: { refusals } });
}

/** The host directory that becomes the root; without one in the definition it is the host's own. */
export function rootOf(spec: ContainerSpec): string {
  const root = spec.filesystems.find(({ target }) => target === '/');
  return root?.type === 'mount' ? root.source : '/';
}

function checkRoot(name: string, root: string): void {
  const fail = (reason: string) =>
    new CtrError('CTR_START_FAILED', `cannot start '${name}': root file system '${root}' ${reason}`);
  try {
    const stat = lstatSync(root.replace(/(?<=.)\/+$/, ''));
    if (stat.isSymbolicLink()) throw fail('is a symbolic link');
    if (!stat.isDirectory()) throw fail('is not a directory');
  } catch (error) {
    if (error instanceof CtrError) throw error;
    throw fail(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `is not usable: ${reasonOf(error)}`,
    );
  }
  for (const dir of ['proc', 'sys', 'dev']) {
    if (lstatSync(`${root}/${dir}`, { throwIfNoEntry: false })?.isSymbolicLink())
      throw fail(`has a symbolic link as /${dir}`);
  }
}

function checkInit(spec: ContainerSpec, root: string): void {
  const { path, fallbacks = [] } = spec.init;
  const faults = [path, ...fallbacks].map((candidate) => findInitFault(spec, root, candidate));
  const [first] = faults;
  if (first === undefined || faults.includes(undefined)) return;
  const others = fallbacks.length === 0 ? '' : `, nor can ${fallbacks.map((other) => `'${other}'`).join(', ')} be used`;
  throw new CtrError('CTR_START_FAILED', `cannot start '${spec.name}': init '${path}' ${first}${others}`);
}

/** Why this file of the root cannot be the init, as words behind its path. */
function findInitFault(spec: ContainerSpec, root: string, path: string): string | undefined {
  // Another file system may bring the init.
  if (spec.filesystems.some(({ target }) => target !== '/' && path.startsWith(`${target}/`))) return undefined;
  // Looked for in the container's PATH.
  if (!path.startsWith('/')) return undefined;
  const stat = statInside(root, path);
  if (stat === undefined) return `does not exist in '${root}'`;
  if (!stat.isFile()) return 'is not a file';
  return (stat.mode & 0o111) === 0 ? 'is not executable' : undefined;
}
