/** Faults of a root file system that are better told before a start. The helper checks again, and its word is final. */
import { lstatSync } from 'node:fs';
import type { ContainerSpec } from '../config/index.js';
import { CtrError } from '../errors.js';
import { statInside } from '../rootfs/resolve-inside.js';
import { reasonOf } from '../system/reason.js';

/** @throws CtrError CTR_START_FAILED */
export function checkStartable(spec: ContainerSpec): void {
  // What is in a disk image, or comes of several directories, is seen when it is mounted.
  if (spec.filesystems.some(({ target, type }) => target === '/' && type !== 'mount')) return;
  const root = rootOf(spec);
  checkRoot(spec.name, root);
  checkInit(spec, root);
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
  const { path } = spec.init;
  // Another file system may bring the init.
  if (spec.filesystems.some(({ target }) => target !== '/' && path.startsWith(`${target}/`))) return;
  const stat = statInside(root, path);
  const fail = (reason: string) =>
    new CtrError('CTR_START_FAILED', `cannot start '${spec.name}': init '${path}' ${reason}`);
  if (stat === undefined) throw fail(`does not exist in '${root}'`);
  if (!stat.isFile()) throw fail('is not a file');
  if ((stat.mode & 0o111) === 0) throw fail('is not executable');
}
