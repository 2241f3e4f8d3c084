/** A network as it is stored, with what ctr chose for it. docs/adr/0014 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, renderDiagnostics } from '../config/index.js';
import { type ParsedNetwork, parseNetworkXml } from '../config/libvirt-network/parse-network-xml.js';
import { CtrError } from '../errors.js';
import { chooseIpv4Subnet, chooseIpv6Subnet, type Subnet } from '../network/choose-subnet.js';
import { DEFAULT_NETWORK, formatDefaultNetwork } from '../network/default-network.js';
import type { Network } from '../network/plan-network-up.js';
import {
  listNetworkNames,
  networkHostsDir,
  networkRunDir,
  networkStateDir,
  readNetwork,
  type StoredNetwork,
  writeNetwork,
} from '../state/network-store.js';
import type { Paths } from '../system/paths.js';
import { readHostRoutes } from './network-facts.js';
import { makeNetworkRecord } from './network-record.js';
import { withNetworksLock } from './with-lock.js';

/** A network in the store, read. */
export interface LoadedNetwork extends Network {
  readonly stored: StoredNetwork;
  readonly parsed: ParsedNetwork;
  /** Of its plan. */
  readonly stamp: string;
}

/** `default` needs no definition: it is made with its first use. */
export function isKnownNetwork(paths: Paths, name: string): boolean {
  return name === DEFAULT_NETWORK || existsSync(join(networkStateDir(paths, name), 'network.xml'));
}

/** @throws CtrError CTR_BAD_CONFIG with all faults of the text */
export function parseNetwork(text: string, file: string): { network: ParsedNetwork; warnings: readonly Diagnostic[] } {
  const { network, diagnostics } = parseNetworkXml(text, file);
  if (network !== undefined) return { network, warnings: diagnostics };
  throw new CtrError('CTR_BAD_CONFIG', `cannot read network '${file}'`, {
    data: { diagnostics, rendered: renderDiagnostics(diagnostics, text) },
  });
}

/** A network as it is defined; undefined when it is not. @throws CtrError CTR_BAD_STATE */
export function loadNetwork(paths: Paths, name: string): LoadedNetwork | undefined {
  const stored = readNetwork(paths, name);
  if (stored === undefined) return undefined;
  const { network } = parseNetwork(stored.text, stored.path);
  const { record } = stored;
  const dir = networkRunDir(paths, name);
  const known = {
    spec: network.spec,
    bridge: record.bridge,
    mac: record.mac,
    dir,
    hostsDir: networkHostsDir(paths, name),
  };
  const stamp = createHash('sha256')
    .update(JSON.stringify([known.spec, known.bridge, known.mac]))
    .digest('hex')
    .slice(0, 16);
  return { ...known, stored, parsed: network, stamp };
}

/** The same; `default` is made when it is not there yet. The caller holds no lock. @throws CtrError CTR_NOT_FOUND, CTR_UNSUPPORTED */
export async function requireNetwork(verb: string, paths: Paths, helper: string, name: string): Promise<LoadedNetwork> {
  const known = loadNetwork(paths, name);
  if (known !== undefined) return known;
  if (name !== DEFAULT_NETWORK)
    throw new CtrError('CTR_NOT_FOUND', `cannot ${verb} network '${name}': no network of that name is defined`, {
      hint: 'ctr net list --all shows what is',
    });
  await withNetworksLock(paths, helper, async () => {
    if (readNetwork(paths, name) === undefined) await makeDefault(paths);
  });
  const made = loadNetwork(paths, name);
  if (made === undefined) throw new CtrError('CTR_IO', `cannot make network '${name}'`);
  return made;
}

async function makeDefault(paths: Paths): Promise<void> {
  const seed = `${readMachineId()} ${paths.stateDir} ${DEFAULT_NETWORK}`;
  const taken: Subnet[] = [
    ...readHostRoutes(),
    ...listNetworkNames(paths.stateDir).flatMap((name) => loadNetwork(paths, name)?.spec.ips ?? []),
  ];
  const ipv4 = chooseIpv4Subnet(seed, taken);
  if (ipv4 === undefined)
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot make network '${DEFAULT_NETWORK}': the host has routes to all private subnets`,
      {
        hint: 'ctr net define takes one with an address of your choice',
      },
    );
  const text = formatDefaultNetwork(ipv4, chooseIpv6Subnet(seed));
  const { network } = parseNetwork(text, DEFAULT_NETWORK);
  await writeNetwork(paths, DEFAULT_NETWORK, text, makeNetworkRecord(paths, network, undefined, false));
}

function readMachineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}
