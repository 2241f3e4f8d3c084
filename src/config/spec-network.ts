/** Links of a container. */

export interface IpSpec {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  /** Always filled in (libvirt's default when the text has none). */
  readonly prefix: number;
  readonly peer?: string;
  /** ipv4; absent: the kernel's. */
  readonly broadcast?: string;
}

export interface RouteSpec {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  /** Absent: by the link alone. */
  readonly gateway?: string;
  readonly metric?: number;
}

export interface InterfaceSpec {
  /**
   * `network`, `bridge`: a veth on the bridge `source`. `ethernet`: a veth whose host end is free. `direct`: a macvlan on the link
   * `source`. `ipvlan`, `vlan`: likewise. `phys`: the link `source` itself, which comes back at the end.
   * `user`: what a program of an ordinary user gives, by sockets of his.
   */
  readonly type: 'network' | 'bridge' | 'ethernet' | 'direct' | 'ipvlan' | 'vlan' | 'phys' | 'user';
  /** Name of the network, bridge or link; undefined for ethernet. */
  readonly source?: string;
  /** `direct`: private, vepa, bridge, passthrough; `ipvlan`: l2, l3, l3s. Absent: vepa (libvirt), private (LXC), as the reader filled in. */
  readonly mode?: 'private' | 'vepa' | 'bridge' | 'passthrough' | 'l2' | 'l3' | 'l3s';
  /** `vlan`: 1 to 4094. */
  readonly vlanId?: number;
  /** The bridge is made on demand and goes with its last port (nspawn's zones). */
  readonly bridgeOnDemand?: boolean;
  /** Bytes. */
  readonly mtu?: number;
  /** `52:54:00:…`; undefined: derived from uuid and index. */
  readonly mac?: string;
  /** Name inside; undefined: `ethN`, N counting the interfaces without a name. */
  readonly guestName?: string;
  /** Name of the host end; undefined: derived. */
  readonly targetName?: string;
  readonly linkState?: 'up' | 'down';
  /** `network`: one of the port groups that it has. */
  readonly portGroup?: string;
  /** Of the end on the host. Absent: what the network gives its ports. */
  readonly bandwidth?: BandwidthSpec;
  /** Ports of its bridge that are isolated, too, are out of its reach. */
  readonly isolated?: boolean;
  /** What it sends under somebody else's name is dropped on the host. */
  readonly filter?: FilterSpec;
  readonly ips: readonly IpSpec[];
  readonly routes: readonly RouteSpec[];
  /** Host side, `ethernet` only. */
  readonly hostIps: readonly IpSpec[];
  readonly hostRoutes: readonly RouteSpec[];
}

/** libvirt's `<filterref>`. */
export interface FilterSpec {
  readonly name: 'clean-traffic';
  /** That are the container's besides those it is given. */
  readonly addresses: readonly string[];
}

/** libvirt's `<bandwidth>`: KiB a second, and KiB of a burst. inbound: towards the containers. */
export interface BandwidthSpec {
  readonly inbound?: BandwidthLimit;
  readonly outbound?: BandwidthLimit;
}

export interface BandwidthLimit {
  /** 0: only the floor is said. */
  readonly averageKBytes: number;
  readonly peakKBytes?: number;
  readonly burstKBytes?: number;
  readonly floorKBytes?: number;
}

/** A port of the host that leads into the container. */
export interface PortSpec {
  readonly protocol: 'tcp' | 'udp';
  /** Address of the host; absent: all of them. */
  readonly address?: string;
  readonly host: number;
  readonly container: number;
}
