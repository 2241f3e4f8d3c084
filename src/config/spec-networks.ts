/** A network of the host that containers connect to: libvirt's `<network>`, formatnetwork.html. Sizes are bytes, times are seconds. */
import type { BandwidthSpec, RouteSpec } from './spec-network.js';

export interface NetworkSpec {
  readonly name: string;
  /** Lower-case with dashes; undefined when the text has none (define then gives one). */
  readonly uuid?: string;
  readonly title?: string;
  readonly description?: string;
  readonly bridge: BridgeSpec;
  /** Of the bridge and each port. Absent: the kernel's. */
  readonly mtu?: number;
  readonly domain?: { readonly name: string; readonly localOnly: boolean };
  readonly dns: NetworkDnsSpec;
  /** Addresses of the host in it. At most one of each family has `dhcp`. */
  readonly ips: readonly NetworkIpSpec[];
  /** Of the host, by way of the bridge. */
  readonly routes: readonly RouteSpec[];
  readonly forward: ForwardSpec;
  readonly bandwidth?: BandwidthSpec;
  readonly portGroups?: readonly PortGroupSpec[];
  /** Containers of it reach the gateway, and not each other (`<port isolated='yes'/>`). */
  readonly isolated?: boolean;
  /** Entries that libvirt accepts and that have no effect here: printed back. */
  readonly kept?: readonly { readonly key: string; readonly value: string }[];
  /** What no start of it can give. Each completes "cannot start network 'NAME': ". */
  readonly refusals?: readonly string[];
}

export interface BridgeSpec {
  /** Of the link on the host; for `forward` mode bridge the one that is there. Absent: derived from the network's name. */
  readonly name?: string;
  /** Absent: derived from the uuid. */
  readonly mac?: string;
  readonly stp: boolean;
  readonly delaySeconds: number;
}

export interface NetworkDnsSpec {
  readonly enabled: boolean;
  readonly forwardPlainNames: boolean;
  readonly forwarders: readonly { readonly domain?: string; readonly address?: string }[];
  readonly hosts: readonly { readonly ip: string; readonly names: readonly string[] }[];
  readonly txt: readonly { readonly name: string; readonly value: string }[];
  readonly srv: readonly {
    readonly service: string;
    readonly protocol: string;
    readonly domain?: string;
    readonly target?: string;
    readonly port?: number;
    readonly priority?: number;
    readonly weight?: number;
  }[];
}

export interface NetworkIpSpec {
  readonly family: 'ipv4' | 'ipv6';
  /** The host's, which is the gateway of the containers. */
  readonly address: string;
  readonly prefix: number;
  readonly localPtr?: boolean;
  readonly dhcp?: {
    readonly ranges: readonly { readonly start: string; readonly end: string; readonly leaseSeconds?: number }[];
    readonly hosts: readonly {
      readonly mac?: string;
      readonly id?: string;
      readonly name?: string;
      readonly ip: string;
      readonly leaseSeconds?: number;
    }[];
  };
}

export interface ForwardSpec {
  /** `none`: libvirt's isolated network, without the element. */
  readonly mode: 'nat' | 'route' | 'open' | 'none' | 'bridge';
  /** Only out by this link. */
  readonly dev?: string;
  readonly nat?: {
    readonly addresses?: { readonly start: string; readonly end: string };
    readonly ports?: { readonly start: number; readonly end: number };
    /** Addresses of version 6 are translated, too; without it they are routed. */
    readonly ipv6: boolean;
  };
}

export interface PortGroupSpec {
  readonly name: string;
  readonly isDefault: boolean;
  readonly bandwidth?: BandwidthSpec;
}
