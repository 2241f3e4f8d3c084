/** A static BusyBox: CTR_BUSYBOX, else the host's, else the one of Debian's package, which is fetched and not installed. */
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';
import { runProgram, streamProgram } from '../system/run.js';
import { isStaticElf } from './elf.js';
import { readTarMember } from './read-tar-member.js';

const HOST_PATHS = ['/bin/busybox', '/usr/bin/busybox'];
const PACKAGE = 'busybox-static';
const PACKAGE_MEMBERS = ['bin/busybox', 'usr/bin/busybox'];

/** Some eight times what BusyBox takes with all its applets. */
const BUSYBOX_LIMIT_BYTES = 16 * 1024 * 1024;

/** An ELF file's program headers begin right behind its head. */
const ELF_HEAD_BYTES = 4096;

/** A download that does not move ends after this time, in ms. */
const FETCH_TIMEOUT_MS = 120_000;

export interface FindBusyboxOptions {
  /** An empty directory for what is fetched. */
  readonly scratchDir: string;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Where the host may have one. */
  readonly hostPaths?: readonly string[] | undefined;
}

/**
 * Absolute path of a static BusyBox.
 *
 * @throws CtrError CTR_MISSING_PROGRAM
 */
export async function findBusybox(options: FindBusyboxOptions): Promise<string> {
  const { scratchDir, onProgress, signal, hostPaths = HOST_PATHS } = options;
  const given = process.env.CTR_BUSYBOX;
  if (given) {
    if (await isStatic(given)) return given;
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot use BusyBox '${given}': it is no static program`, {
      hint: 'CTR_BUSYBOX names a statically linked BusyBox',
    });
  }
  const onHost = await findHostBusybox(hostPaths);
  if (onHost !== undefined) return onHost;
  onProgress(`fetching the package ${PACKAGE}`);
  return fetchBusybox(scratchDir, signal);
}

/** Path of the static BusyBox that is there without fetching one. */
export async function findHostBusybox(hostPaths: readonly string[] = HOST_PATHS): Promise<string | undefined> {
  const candidates = process.env.CTR_BUSYBOX ? [process.env.CTR_BUSYBOX] : hostPaths;
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
    return await unpackBusybox(join(scratchDir, archive), join(scratchDir, 'busybox'), signal);
  } catch (error) {
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot find a static BusyBox: ${reasonOf(error)}`, {
      hint: `apt-get install ${PACKAGE}, or name one in CTR_BUSYBOX`,
      cause: error,
    });
  }
}

/**
 * Takes BusyBox, and nothing else, out of a Debian package.
 *
 * @param archive path of the `.deb`
 * @param path of the program that is written; nothing may be there
 * @returns `path`
 * @throws Error when the package holds no static BusyBox, or is damaged
 */
export async function unpackBusybox(archive: string, path: string, signal?: AbortSignal): Promise<string> {
  const read = (tar: AsyncIterable<Uint8Array>) => readTarMember(tar, PACKAGE_MEMBERS, BUSYBOX_LIMIT_BYTES);
  const program = await streamProgram('dpkg-deb', ['--fsys-tarfile', archive], `unpack ${archive}`, read, { signal });
  if (!isStaticElf(program.subarray(0, ELF_HEAD_BYTES))) throw new Error('the BusyBox of the package is not static');
  await writeFile(path, program, { flag: 'wx', mode: 0o755 });
  return path;
}

async function isStatic(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(ELF_HEAD_BYTES), 0, ELF_HEAD_BYTES, 0);
      return isStaticElf(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
