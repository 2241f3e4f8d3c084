import type { ContainerSpec } from '../../../src/config/spec.js';
import type { JoinedNetwork } from '../../../src/network/joined-network.js';

/** What a container gets of each network that it names, without a host. */
export function joinedNetworks({ interfaces }: Pick<ContainerSpec, 'interfaces'>): ReadonlyMap<number, JoinedNetwork> {
  return new Map(
    interfaces.flatMap(({ type, source = '' }, index): [number, JoinedNetwork][] =>
      type !== 'network'
        ? []
        : [
            [
              index,
              {
                name: source,
                plan: { dir: `/run/ctr/networks/${source}`, stamp: '0123456789abcdef' },
                bridge: 'ctrbr0',
                ips: [],
                routes: [],
                isolated: false,
                takesPorts: true,
              },
            ],
          ],
    ),
  );
}
