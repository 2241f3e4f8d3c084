/** Which network a new container connects to. */
import { escapeXmlAttribute } from '../config/libvirt/format-libvirt-xml.js';
import { CtrError } from '../errors.js';
import { DEFAULT_NETWORK } from '../network/default-network.js';
import type { Paths } from '../system/paths.js';
import { isKnownNetwork, loadNetwork } from './load-network.js';
import { findNameServer, findNetworkProgram, LACKS_NAME_SERVER } from './network-facts.js';

const NONE = 'none';

export interface ChosenNetwork {
  readonly name: string;
  /** What there is to know of it, one line each. */
  readonly notes: readonly string[];
}

/** @throws CtrError CTR_NOT_FOUND on one that is asked for and not defined, CTR_NEED_ROOT */
export function chooseNetwork(container: string, paths: Paths, asked: string | undefined): ChosenNetwork {
  const isRoot = process.geteuid?.() === 0;
  if (asked === NONE) return { name: NONE, notes: [] };
  if (asked !== undefined) {
    if (!isRoot)
      throw new CtrError(
        'CTR_NEED_ROOT',
        `cannot connect '${container}' to network '${asked}': only root has networks`,
      );
    if (!isKnownNetwork(paths, asked))
      throw new CtrError('CTR_NOT_FOUND', `cannot connect '${container}' to network '${asked}': it is not defined`, {
        hint: 'ctr net list --all shows what is',
      });
    return { name: asked, notes: [] };
  }
  if (!isRoot) return { name: NONE, notes: [] };
  if (findNetworkProgram('nft') !== undefined) {
    const notes =
      findNameServer() === undefined ? [`'${container}' has no names of its neighbours: ${LACKS_NAME_SERVER}`] : [];
    return { name: DEFAULT_NETWORK, notes };
  }
  return { name: NONE, notes: [`'${container}' has no network: nft is not there (apt-get install nftables)`] };
}

/** For the template. Where the network says which addresses a container has, it sends under them alone. */
export function formatInterface(paths: Paths, network: string | undefined): string {
  if (network === undefined || network === NONE) return '';
  const filter = givesAddresses(paths, network) ? "<filterref filter='clean-traffic'/>" : '';
  return `<interface type='network'><source network='${escapeXmlAttribute(network)}'/>${filter}</interface>`;
}

function givesAddresses(paths: Paths, network: string): boolean {
  // Made with its first use.
  const spec = loadNetwork(paths, network)?.spec;
  return spec === undefined || (spec.forward.mode !== 'bridge' && spec.ips.length > 0);
}
