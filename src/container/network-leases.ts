/** Addresses that a network's DHCP server has lent. */
import { join } from 'node:path';
import { findHelper, networkByHelper } from '../exec/helper.js';
import { type Lease, parseLeases } from '../network/parse-leases.js';
import { type Allocation, networkRunDir, readAllocations } from '../state/network-store.js';
import { replaceFile } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { requireNetwork } from './load-network.js';
import { withNetworkLock } from './with-lock.js';

const LEASES_LIMIT_BYTES = 16 * 1024 * 1024;

export interface NetworkLease extends Lease {
  /** Whose interface has that MAC address; absent: nobody's that is defined. */
  readonly container?: string;
}

/** Those that have not ended. @throws CtrError CTR_NOT_FOUND */
export async function listLeases(name: string, options: CtrOptions = {}): Promise<readonly NetworkLease[]> {
  requireRoot('list leases');
  checkName(name);
  const paths = openPaths(options);
  await requireNetwork('show', paths, await findHelper(options.helper), name);
  return readLeases(paths, name);
}

/** Forgets the leases of whoever is no container of the network. @returns how many they were. @throws CtrError CTR_NOT_FOUND */
export async function pruneLeases(name: string, options: CtrOptions = {}): Promise<number> {
  requireRoot('release leases');
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  await requireNetwork('prune', paths, helper, name);
  return withNetworkLock(paths, helper, name, async () => {
    const orphans = readLeases(paths, name).flatMap(({ mac, container }) =>
      mac === undefined || container !== undefined ? [] : [{ mac }],
    );
    await forgetLeases(paths, helper, name, orphans);
    return orphans.length;
  });
}

export function readLeases(paths: Paths, name: string): NetworkLease[] {
  const file = readSmallFile(join(networkRunDir(paths, name), 'leases'), LEASES_LIMIT_BYTES);
  if (file.kind !== 'text') return [];
  const owners = new Map(readAllocations(paths, name).map(({ mac, name: container }) => [mac, container]));
  const now = Date.now() / 1000;
  return parseLeases(file.text)
    .filter(({ expires }) => expires === undefined || expires > now)
    .map((lease) => {
      const container = lease.mac === undefined ? undefined : owners.get(lease.mac);
      return container === undefined ? lease : { ...lease, container };
    });
}

/** The name server forgets who is gone, and their leases. The caller holds the network's lock. */
export async function forgetLeases(
  paths: Paths,
  helper: string,
  name: string,
  gone: readonly Pick<Allocation, 'mac'>[],
): Promise<void> {
  const dir = networkRunDir(paths, name);
  const macs = new Set(gone.map(({ mac }) => mac.toLowerCase()));
  const isLent = readLeases(paths, name).some(({ mac }) => mac !== undefined && macs.has(mac));
  if (isLent) await replaceFile(join(dir, 'released'), [...macs].map((mac) => `${mac}\n`).join(''));
  await networkByHelper(helper, isLent ? 'prune' : 'reload', name, dir);
}
