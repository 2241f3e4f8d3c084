/** The networks on disk: `networks/NAME/{network.xml,network.json,addresses.json,hosts/}` of the state directory. docs/adr/0014 */
import { chmodSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { replaceFile, syncDir, writeFileAtomic } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { ensurePrivateDir } from '../system/private-dir.js';
import { readSmallFile } from '../system/read-small-file.js';

const DEFINITION_LIMIT_BYTES = 1024 * 1024;
const ADDRESSES_LIMIT_BYTES = 64 * 1024 * 1024;

/** What ctr knows of a network besides its text. */
export interface NetworkRecord {
  readonly uuid: string;
  /** Name of the bridge, also where the text has one. */
  readonly bridge: string;
  /** MAC address of the bridge. */
  readonly mac: string;
  readonly autostart: boolean;
  /** Gone once it is stopped (`net create`). */
  readonly transient?: boolean;
  readonly definedAt: string;
}

export interface StoredNetwork {
  /** As it was given. */
  readonly text: string;
  readonly path: string;
  readonly record: NetworkRecord;
}

/** Who has an address: uuid of the container and the place of its interface, `UUID/0`. */
export interface Allocation {
  readonly owner: string;
  /** The container's name. */
  readonly name: string;
  /** Its name for the name server; absent: it was chosen before there was one. */
  readonly host?: string;
  readonly mac: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export function networkStateDir(paths: Paths, name: string): string {
  return join(paths.stateDir, 'networks', name);
}

/** What the name server of a network reads. */
export function networkHostsDir(paths: Paths, name: string): string {
  return join(networkStateDir(paths, name), 'hosts');
}

export function networkRunDir(paths: Paths, name: string): string {
  return join(paths.runDir, 'networks', name);
}

/** Names of defined networks, sorted. */
export function listNetworkNames(root: string): string[] {
  try {
    return readdirSync(join(root, 'networks'))
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CtrError('CTR_IO', `cannot list networks: '${root}' is not readable`, { cause: error });
  }
}

/** A network as it is stored; undefined when there is none. @throws CtrError CTR_BAD_STATE */
export function readNetwork(paths: Paths, name: string): StoredNetwork | undefined {
  const path = join(networkStateDir(paths, name), 'network.xml');
  const text = readSmallFile(path, DEFINITION_LIMIT_BYTES);
  if (text.kind === 'missing') return undefined;
  if (text.kind === 'unreadable') throw damaged(name, `'${path}' ${text.reason}`);
  const recordPath = join(networkStateDir(paths, name), 'network.json');
  const record = readSmallFile(recordPath);
  if (record.kind !== 'text')
    throw damaged(name, `'${recordPath}' ${record.kind === 'missing' ? 'is missing' : record.reason}`);
  return { text: text.text, path, record: parseRecord(name, recordPath, record.text) };
}

function parseRecord(name: string, path: string, text: string): NetworkRecord {
  try {
    const record = JSON.parse(text) as NetworkRecord;
    if ([record.uuid, record.bridge, record.mac, record.definedAt].every((value) => typeof value === 'string'))
      return { ...record, autostart: record.autostart === true };
  } catch {
    // Below.
  }
  throw damaged(name, `'${path}' is damaged`);
}

function damaged(name: string, reason: string): CtrError {
  return new CtrError('CTR_BAD_STATE', `cannot read network '${name}': ${reason}`, {
    hint: `ctr net undefine ${name}, then define it again`,
  });
}

/** Stores a network, new or in place of another one. The caller holds the lock of the networks. */
export async function writeNetwork(paths: Paths, name: string, text: string, record: NetworkRecord): Promise<void> {
  ensurePrivateDir(paths.stateDir);
  ensurePrivateDir(join(paths.stateDir, 'networks'));
  const dir = networkStateDir(paths, name);
  ensurePrivateDir(dir);
  await writeFileAtomic(join(dir, 'network.json'), `${JSON.stringify(record, null, 2)}\n`);
  // Last: a network is defined once this file is there.
  await writeFileAtomic(join(dir, 'network.xml'), text);
  await syncDir(join(paths.stateDir, 'networks'));
}

/** Takes a network out of the store: by one rename it is gone. */
export async function removeNetwork(paths: Paths, name: string): Promise<void> {
  const trash = join(paths.stateDir, 'networks', `.trash-${process.pid}-${name}`);
  await rename(networkStateDir(paths, name), trash);
  await syncDir(join(paths.stateDir, 'networks'));
  await rm(trash, { recursive: true, force: true });
}

/** Who has which address, in the order of their coming. @throws CtrError CTR_BAD_STATE */
export function readAllocations(paths: Paths, network: string): readonly Allocation[] {
  const path = join(networkStateDir(paths, network), 'addresses.json');
  const file = readSmallFile(path, ADDRESSES_LIMIT_BYTES);
  if (file.kind === 'missing') return [];
  if (file.kind === 'unreadable') throw damaged(network, `'${path}' ${file.reason}`);
  try {
    const parsed: unknown = JSON.parse(file.text);
    if (Array.isArray(parsed)) return parsed as Allocation[];
  } catch {
    // Below.
  }
  throw damaged(network, `'${path}' is damaged`);
}

/** Replaces them. The caller holds the network's lock. */
export async function writeAllocations(
  paths: Paths,
  network: string,
  allocations: readonly Allocation[],
): Promise<void> {
  const dir = networkStateDir(paths, network);
  const lines = allocations.map((allocation) => JSON.stringify(allocation));
  await replaceFile(join(dir, 'addresses.json'), lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`);
}

/** What the name server reads of a container. */
export interface HostsFiles {
  /** hosts(5) */
  readonly names: string;
  /** Its addresses for DHCP, `MAC,ADDRESS…`. */
  readonly reserved?: string;
}

/** Makes the directory that the name server reads. It runs as nobody, and is shown this directory alone. */
export function ensureHostsDir(dir: string): void {
  for (const path of [dir, join(dir, 'dhcp')]) {
    ensurePrivateDir(path);
    chmodSync(path, 0o755);
  }
}

/** Replaces the files of a container for the name server; undefined takes them away. @returns whether anything is another one now */
export async function writeHostsFiles(
  paths: Paths,
  network: string,
  owner: string,
  files: HostsFiles | undefined,
): Promise<boolean> {
  const dir = networkHostsDir(paths, network);
  const name = owner.replaceAll('/', '-');
  if (files !== undefined) ensureHostsDir(dir);
  const names = await putFile(join(dir, name), files?.names);
  const reserved = await putFile(join(dir, 'dhcp', name), files?.reserved);
  return names || reserved;
}

/** One that says the same stays: the name server reads what was written. */
async function putFile(path: string, text: string | undefined): Promise<boolean> {
  const now = readSmallFile(path);
  const isSame = text === undefined ? now.kind === 'missing' : now.kind === 'text' && now.text === text;
  if (isSame) return false;
  if (text === undefined) await rm(path, { force: true });
  else await replaceFile(path, text, 0o644);
  return true;
}
