import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkSpec } from '../config/spec.js';
import { findHelper } from '../exec/helper.js';
import { needsNameServer } from '../network/format-dnsmasq.js';
import { listNetworkNames, networkRunDir, readNetwork } from '../state/network-store.js';
import type { Paths } from '../system/paths.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { type LoadedNetwork, loadNetwork, requireNetwork } from './load-network.js';
import { findNameServer, LACKS_NAME_SERVER } from './network-facts.js';
import { readLeases } from './network-leases.js';
import { describeMembers, listMembers, type NetworkMember } from './network-members.js';

export interface NetworkInfo {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  /** Its definition outlives a stop. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly bridge: string;
  /** It is in force as it was defined before. */
  readonly outdated: boolean;
  /** The host's own addresses in it, `10.0.0.1/24`. */
  readonly addresses: readonly string[];
  readonly forward: string;
  /** What answers for names in it, or why nothing does. */
  readonly nameServer: string;
  readonly containers: readonly NetworkMember[];
  /** How many addresses its DHCP server has lent. */
  readonly leases: number;
}

/** All networks, in order of their names. `default` is among them once it was used. */
export function listNetworks(options: CtrOptions = {}): readonly NetworkInfo[] {
  const paths = openPaths(options);
  return listNetworkNames(paths.stateDir).flatMap((name) => {
    const network = loadNetwork(paths, name);
    return network === undefined ? [] : [describe(paths, network)];
  });
}

/** With the links and ports of its containers. @throws CtrError CTR_NOT_FOUND */
export async function infoNetwork(name: string, options: CtrOptions = {}): Promise<NetworkInfo> {
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const network = await requireNetwork('show', paths, helper, name);
  return { ...describe(paths, network), containers: await describeMembers(paths, name) };
}

function describe(paths: Paths, { spec, bridge, stored, stamp }: LoadedNetwork): NetworkInfo {
  const { record } = stored;
  const state = networkState(paths, spec.name);
  return {
    name: spec.name,
    uuid: record.uuid,
    active: spec.forward.mode === 'bridge' ? existsSync(`/sys/class/net/${bridge}/bridge`) : state.active,
    persistent: record.transient !== true,
    autostart: record.autostart,
    bridge,
    outdated: state.active && state.stamp !== undefined && state.stamp !== stamp,
    addresses: spec.ips.map(({ address, prefix }) => `${address}/${prefix}`),
    forward: spec.forward.mode,
    nameServer: describeNameServer(paths, spec),
    containers: listMembers(paths, spec.name),
    leases: process.geteuid?.() === 0 ? readLeases(paths, spec.name).length : 0,
  };
}

/** Whether its bridge is there since this boot, and by which plan. */
export function networkState(paths: Paths, name: string): { readonly active: boolean; readonly stamp?: string } {
  const dir = networkRunDir(paths, name);
  try {
    const boot = /^boot (\S+)/.exec(readFileSync(join(dir, 'state'), 'utf8'))?.[1];
    if (boot !== readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) return { active: false };
    const text = readFileSync(join(dir, 'plan')).toString('latin1');
    const bridge = readNetwork(paths, name)?.record.bridge ?? '';
    const stamp = /\0([0-9a-f]{16})\0/.exec(text)?.[1];
    return { active: existsSync(`/sys/class/net/${bridge}`), ...(stamp === undefined ? {} : { stamp }) };
  } catch {
    return { active: false };
  }
}

function describeNameServer(paths: Paths, spec: NetworkSpec): string {
  const need = needsNameServer(spec);
  if (need === 'no') return 'none: none is asked for';
  if (findNameServer() === undefined) return `none: ${LACKS_NAME_SERVER}`;
  const domain = spec.domain === undefined ? '' : `, domain ${spec.domain.name}`;
  const what = spec.dns.enabled ? `dnsmasq${domain}` : 'none, dnsmasq lends addresses';
  const hasEnded =
    networkState(paths, spec.name).active && !existsSync(join(networkRunDir(paths, spec.name), 'keeper'));
  return hasEnded ? `${what}, which was not there when the network started` : what;
}
