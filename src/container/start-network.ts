import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { encodePlan } from '../exec/encode.js';
import { findHelper, networkByHelper } from '../exec/helper.js';
import { overlaps } from '../network/choose-subnet.js';
import { needsNameServer } from '../network/format-dnsmasq.js';
import { planNetworkUp } from '../network/plan-network-up.js';
import { ensureHostsDir, networkRunDir, readNetwork } from '../state/network-store.js';
import { replaceFile } from '../system/atomic-file.js';
import type { Paths } from '../system/paths.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { removeWithRunDir } from './define-network.js';
import { type LoadedNetwork, requireNetwork } from './load-network.js';
import { LACKS_NAME_SERVER, lacksNameServer, readHostRoutes, readNetworkFacts } from './network-facts.js';
import { networkState } from './network-info.js';
import { withNetworkLock } from './with-lock.js';

/** Leaves the plan of a network in its run directory. The caller holds its lock. @throws CtrError CTR_UNSUPPORTED */
export async function compileNetwork(network: LoadedNetwork): Promise<void> {
  const { spec, stamp, dir, hostsDir } = network;
  if (spec.refusals !== undefined)
    throw new CtrError('CTR_UNSUPPORTED', `cannot start network '${spec.name}': ${spec.refusals.join('; ')}`);
  const facts = readNetworkFacts();
  if (facts.nft === undefined && !['open', 'bridge'].includes(spec.forward.mode))
    throw new CtrError(
      'CTR_MISSING_PROGRAM',
      `cannot start network '${spec.name}': nft, which makes its firewall, is not there`,
      {
        hint: 'apt-get install nftables',
      },
    );
  if (facts.nameServer === undefined && needsNameServer(spec) === 'required')
    throw new CtrError(
      'CTR_MISSING_PROGRAM',
      `cannot start network '${spec.name}': dnsmasq, which lends its addresses and answers for its names, is not there`,
      { hint: 'apt-get install dnsmasq-base' },
    );
  ensureHostsDir(hostsDir);
  await replaceFile(join(dir, 'compiled'), encodePlan({ ops: planNetworkUp(network, facts, stamp) }));
}

export interface StartedNetwork {
  /** What there is to know of it, one line each. */
  readonly notes: readonly string[];
}

/** Starts a network, which then stays until `stopNetwork`. @throws CtrError CTR_NOT_FOUND, CTR_UNSUPPORTED, CTR_START_FAILED */
export async function startNetwork(name: string, options: CtrOptions = {}): Promise<StartedNetwork> {
  requireRoot('start networks');
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const network = await requireNetwork('start', paths, helper, name);
  if (network.spec.forward.mode === 'bridge') {
    checkHostBridge(network);
    return { notes: [] };
  }
  checkRoutes(network, networkState(paths, name).active);
  await withNetworkLock(paths, helper, name, () => compileNetwork(network));
  const { ok, reason } = await networkByHelper(helper, 'up', name, network.dir);
  if (!ok) throw new CtrError('CTR_START_FAILED', `cannot start network '${name}': ${reason}`);
  return { notes: lacksNameServer(network.spec) ? [`network '${name}' has no names: ${LACKS_NAME_SERVER}`] : [] };
}

/** @throws CtrError CTR_UNSUPPORTED where the host has a route into it already */
export function checkRoutes({ spec, bridge }: LoadedNetwork, isActive: boolean): void {
  if (isActive) return;
  const routes = readHostRoutes().filter(({ link }) => link !== bridge);
  for (const ip of spec.ips) {
    const clash = routes.find((route) => overlaps(route, ip));
    if (clash !== undefined)
      throw new CtrError(
        'CTR_UNSUPPORTED',
        `cannot start network '${spec.name}': the host reaches ${clash.address}/${clash.prefix} by '${clash.link}', which overlaps ${ip.address}/${ip.prefix}`,
        {
          hint: `another address: ctr net edit ${spec.name}`,
        },
      );
  }
}

/** @throws CtrError CTR_UNSUPPORTED */
export function checkHostBridge({ spec, bridge }: LoadedNetwork): void {
  if (existsSync(`/sys/class/net/${bridge}/bridge`)) return;
  const reason = existsSync(`/sys/class/net/${bridge}`) ? 'is no bridge' : 'is not there';
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot start network '${spec.name}': the bridge '${bridge}' of the host ${reason}`,
  );
}

/** Takes a network down, also under running containers, whose links are without a bridge then. @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING */
export async function stopNetwork(name: string, options: CtrOptions = {}): Promise<void> {
  requireRoot('stop networks');
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const stored = readNetwork(paths, name);
  if (!networkState(paths, name).active) {
    if (stored === undefined) await requireNetwork('stop', paths, helper, name);
    throw new CtrError('CTR_NOT_RUNNING', `cannot stop network '${name}': it is not active`);
  }
  const { ok, reason } = await networkByHelper(helper, 'down', name, networkRunDir(paths, name));
  if (!ok) throw new CtrError('CTR_STOP_FAILED', `cannot stop network '${name}': ${reason}`);
  if (stored?.record.transient === true) await removeWithRunDir(paths, helper, name);
}

/** Networks whose containers were killed with their monitors: what they left goes. @returns their names */
export async function collectNetworks(paths: Paths, helper: string): Promise<readonly string[]> {
  const done: string[] = [];
  for (const name of readNames(paths.runDir)) {
    const dir = networkRunDir(paths, name);
    if (!existsSync(join(dir, 'plan'))) continue;
    await networkByHelper(helper, 'release', name, dir);
    if (!existsSync(join(dir, 'plan'))) done.push(name);
  }
  return done;
}

function readNames(root: string): string[] {
  try {
    return readdirSync(join(root, 'networks'));
  } catch {
    return [];
  }
}
