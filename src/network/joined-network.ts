import type { BandwidthSpec, IpSpec, RouteSpec } from '../config/spec.js';

/** What a container gets of a network: found out before its plan is made. */
export interface JoinedNetwork {
  readonly name: string;
  /** Run directory of the network, and the stamp of its plan; none for a bridge of the host. */
  readonly plan?: { readonly dir: string; readonly stamp: string };
  /** The link of the host that the port is in. */
  readonly bridge: string;
  /** Bytes; absent: the kernel's. */
  readonly mtu?: number;
  /** Of its own, where its definition has none. */
  readonly ips: readonly IpSpec[];
  readonly routes: readonly RouteSpec[];
  /** Servers and domain for /etc/resolv.conf; absent: the network has no name server. */
  readonly names?: { readonly servers: readonly string[]; readonly domain?: string };
  /** It would have one, and the host lacks the program: the host's servers are what it can reach. */
  readonly lacksNames?: true;
  readonly isolated: boolean;
  /** Of its port group; absent: none. */
  readonly bandwidth?: BandwidthSpec;
  /** Ports of the host can lead into it. */
  readonly takesPorts?: boolean;
}
