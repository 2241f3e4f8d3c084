/** The busybox template: a root of one static program, links to it and a few files. */
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from '../system/run.js';
import { findBusybox } from './find-busybox.js';
import { makeTree, readTemplate } from './make-tree.js';
import { sha512Crypt } from './sha512-crypt.js';

export interface BootstrapBusyboxOptions {
  /** An empty directory that becomes the root. */
  readonly root: string;
  /** Becomes the host name in /etc. */
  readonly name: string;
  /** Of the user root. */
  readonly password: string;
  /** There is no user but root, and none can be changed to: a shell without a log-in then, which needs to. */
  readonly isRootAlone?: boolean | undefined;
  /** May be filled; the caller removes it. */
  readonly scratchDir: string;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const MS_PER_DAY = 86_400_000;

/** Fills the root. */
export async function bootstrapBusybox(options: BootstrapBusyboxOptions): Promise<void> {
  const { root, name, password, onProgress, signal } = options;
  const busybox = await findBusybox(options);
  onProgress('making the root file system');
  const applets = await listApplets(busybox, signal);
  const version = /v(\d[\w.]*)/.exec(await runProgram(busybox, [], 'ask BusyBox for its version', { signal }))?.[1];
  await makeTree(await readTemplate('busybox'), root, {
    NAME: name,
    LOGIN: options.isRootAlone ? '-/bin/sh' : '/sbin/getty 38400 console',
    VERSION: version ?? 'unknown',
    PASSWORD_HASH: sha512Crypt(password, randomBytes(12).toString('base64').replaceAll('+', '.')),
    DAY: String(Math.floor(Date.now() / MS_PER_DAY)),
  });
  await copyFile(busybox, join(root, 'usr/bin/busybox'));
  await chmod(join(root, 'usr/bin/busybox'), 0o755);
  for (const applet of applets) await symlink('busybox', join(root, 'usr/bin', applet));
}

/**
 * Names of the links, as this BusyBox itself lists them. It runs on the host: a program that runs in a half-made root
 * may leave files in it.
 */
async function listApplets(busybox: string, signal: AbortSignal | undefined): Promise<string[]> {
  const paths = await runProgram(busybox, ['--list-full'], 'list the applets of BusyBox', { signal });
  const names = paths
    .split('\n')
    .filter(Boolean)
    .map((path) => basename(path));
  return [...new Set(names)].filter((name) => name !== 'busybox' && name !== 'linuxrc');
}
