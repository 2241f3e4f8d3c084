/** A static BusyBox: CTR_BUSYBOX, else the host's, else the one of Debian's package, which is fetched and not installed. */
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';
import { runProgram } from '../system/run.js';
import { isStaticElf } from './elf.js';

const HOST_PATHS = ['/bin/busybox', '/usr/bin/busybox'];
const PACKAGE = 'busybox-static';

/** A download that does not move ends after this time, in ms. */
const FETCH_TIMEOUT_MS = 120_000;

export interface FindBusyboxOptions {
  /** An empty directory for what is fetched. */
  readonly scratchDir: string;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Absolute path of a static BusyBox.
 *
 * @throws CtrError CTR_MISSING_PROGRAM
 */
export async function findBusybox({ scratchDir, onProgress, signal }: FindBusyboxOptions): Promise<string> {
  const given = process.env.CTR_BUSYBOX;
  if (given) {
    if (await isStatic(given)) return given;
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot use BusyBox '${given}': it is no static program`, {
      hint: 'CTR_BUSYBOX names a statically linked BusyBox',
    });
  }
  const onHost = await findHostBusybox();
  if (onHost !== undefined) return onHost;
  onProgress(`fetching the package ${PACKAGE}`);
  return fetchBusybox(scratchDir, signal);
}

/** Path of the static BusyBox that is there without fetching one. */
export async function findHostBusybox(): Promise<string | undefined> {
  const candidates = process.env.CTR_BUSYBOX ? [process.env.CTR_BUSYBOX] : HOST_PATHS;
  for (const path of candidates) if (await isStatic(path)) return path;
  return undefined;
}

async function fetchBusybox(scratchDir: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    // As root, apt would hand the download to a user who may not write here.
    const args = ['-q', '-o', 'APT::Sandbox::User=root', 'download', PACKAGE];
    await runProgram('apt-get', args, `fetch ${PACKAGE}`, { cwd: scratchDir, timeoutMs: FETCH_TIMEOUT_MS, signal });
    const archive = (await readdir(scratchDir)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get left no package');
    const tree = join(scratchDir, 'package');
    await mkdir(tree);
    await runProgram('dpkg-deb', ['-x', join(scratchDir, archive), tree], `unpack ${archive}`, { signal });
    for (const path of HOST_PATHS) if (await isStatic(join(tree, path))) return join(tree, path);
    throw new Error('the package holds no static BusyBox');
  } catch (error) {
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot find a static BusyBox: ${reasonOf(error)}`, {
      hint: `apt-get install ${PACKAGE}, or name one in CTR_BUSYBOX`,
      cause: error,
    });
  }
}

async function isStatic(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      return isStaticElf(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
