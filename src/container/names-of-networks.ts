import type { ContainerSpec } from '../config/spec.js';
import type { JoinedNetwork } from '../network/joined-network.js';
import type { NetworkNames } from '../rootfs/plan-host-files.js';

/**
 * What a container is told of names by its networks, in the order of its interfaces.
 *
 * @param hostname the container's own, inside
 * @returns undefined for one without networks of ctr's
 */
export function namesOfNetworks(
  { interfaces }: Pick<ContainerSpec, 'interfaces'>,
  joined: ReadonlyMap<number, JoinedNetwork>,
  hostname: string,
): NetworkNames | undefined {
  if (joined.size === 0) return undefined;
  const networks = [...joined.values()];
  const known = networks.flatMap(({ names }) => (names === undefined ? [] : [names]));
  const domains = [...new Set(known.flatMap(({ domain }) => (domain === undefined ? [] : [domain])))];
  const addresses = interfaces.flatMap(({ ips }, index) =>
    joined.has(index) ? [...ips, ...(joined.get(index)?.ips ?? [])].map(({ address }) => address) : [],
  );
  const names = [...domains.slice(0, 1).map((domain) => `${hostname}.${domain}`), hostname];
  return {
    servers: [...new Set(known.flatMap(({ servers }) => servers))],
    domains,
    lacksServer: networks.some(({ lacksNames }) => lacksNames === true),
    ...(hostname === '' || addresses.length === 0 ? {} : { own: { name: hostname, names, addresses } }),
  };
}
