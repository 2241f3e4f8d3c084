import type { NetworkIpSpec, NetworkSpec } from '../config/spec.js';
import { OPTION, type Op } from '../exec/plan.js';
import { toAddressBytes, toMacBytes, toNetworkBytes } from './address-bytes.js';
import { DNSMASQ_CONFIG, formatDnsmasq, needsNameServer } from './format-dnsmasq.js';
import { formatTable, tableName, takesPorts } from './format-table.js';
import { planBandwidth } from './plan-bandwidth.js';

/** A network with everything chosen that its text leaves open. */
export interface Network {
  readonly spec: NetworkSpec;
  /** Link of the host. */
  readonly bridge: string;
  /** 6 bytes in hexadecimal. */
  readonly mac: string;
  /** Its run directory. */
  readonly dir: string;
  /** What its name server reads of the containers. */
  readonly hostsDir: string;
}

/** What its plan depends on besides. */
export interface NetworkHostFacts {
  /** Path of nft(8); undefined when the host has none. */
  readonly nft?: string | undefined;
  /** dnsmasq(8), and whom it runs as; undefined when the host has none. */
  readonly nameServer?: { readonly program: string; readonly user: string } | undefined;
  /** Links by which the host's default route of IPv6 came in a router advertisement. */
  readonly advertisedBy: readonly string[];
  /** iptables(8) and ip6tables(8), of the tables that each kind of them shows. */
  readonly filters?: readonly FilterProgram[];
}

export interface FilterProgram {
  readonly program: string;
  readonly kind: 'nft' | 'legacy';
}

/** The mark of rules in tables of others. */
export function tagOf(network: string): string {
  return `ctr:${network}`;
}

/**
 * The plan that makes a network: the bridge with its addresses, routes, what forwards, and the firewall's table.
 *
 * @param stamp names the plan; a container's plan says which one it goes with
 */
export function planNetworkUp(
  { spec, bridge, mac, dir, hostsDir }: Network,
  host: NetworkHostFacts,
  stamp: string,
): Op[] {
  const hasIpv6 = spec.ips.some(({ family }) => family === 'ipv6');
  const hasIpv4 = spec.ips.some(({ family }) => family === 'ipv4');
  const forwards = ['nat', 'route', 'open'].includes(spec.forward.mode);
  return [
    { op: 'name', name: spec.name },
    {
      op: 'network-bridge',
      name: bridge,
      mac: toMacBytes(mac),
      mtu: spec.mtu ?? 0,
      // With STP the kernel takes no delay below two seconds: who asks for none wants none.
      stp: spec.bridge.stp && spec.bridge.delaySeconds > 0 ? 1 : 0,
      delay: spec.bridge.delaySeconds,
    },
    { op: 'network', name: spec.name, dir, stamp },
    ...planIpv6(bridge, hasIpv6),
    ...spec.ips.map((ip) => planAddress(bridge, ip)),
    { op: 'host-link-up', link: bridge },
    ...planBandwidth(bridge, spec.bandwidth),
    ...spec.routes.map(
      ({ address, prefix, gateway, metric = 0 }): Op => ({
        op: 'host-route',
        link: bridge,
        destination: toNetworkBytes(toAddressBytes(address), prefix),
        prefix,
        gateway: gateway === undefined ? new Uint8Array() : toAddressBytes(gateway),
        metric,
      }),
    ),
    // Answers to 127.0.0.1 come by this link.
    ...(takesPorts(spec) && hasIpv4 ? [sysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1')] : []),
    ...(forwards && hasIpv4 ? [sysctl('net/ipv4/ip_forward', '1')] : []),
    ...(forwards && hasIpv6 ? planIpv6Forwarding(host) : []),
    ...planTable(spec, bridge, host),
    ...(spec.forward.mode === 'open' ? [] : (host.filters ?? [])).map(
      (filter): Op => ({ op: 'network-pass', ...filter, link: bridge, tag: tagOf(spec.name) }),
    ),
    // Last: it listens on what is there by then.
    ...planNameServer(spec, bridge, hostsDir, host),
  ];
}

function sysctl(path: string, value: string, options = 0): Op {
  return { op: 'host-sysctl', path, value, options };
}

/** What comes in by the bridge must not give the host a route; without an address of version 6 there is none at all. */
function planIpv6(bridge: string, hasIpv6: boolean): Op[] {
  const of = (name: string, value: string) => sysctl(`net/ipv6/conf/${bridge}/${name}`, value, OPTION.IF_POSSIBLE);
  // Nobody but ctr gives addresses there: without a look for duplicates the first packet need not wait for a second.
  return hasIpv6 ? [of('accept_ra', '0'), of('autoconf', '0'), of('accept_dad', '0')] : [of('disable_ipv6', '1')];
}

function planAddress(link: string, { address, prefix }: NetworkIpSpec): Op {
  return { op: 'host-address', link, address: toAddressBytes(address), prefix, peer: new Uint8Array() };
}

/** A host that forwards takes no router advertisements, unless a link is told so (Documentation/networking/ip-sysctl: accept_ra 2). */
function planIpv6Forwarding({ advertisedBy }: NetworkHostFacts): Op[] {
  return [
    ...advertisedBy.map((link) => sysctl(`net/ipv6/conf/${link}/accept_ra`, '2')),
    sysctl('net/ipv6/conf/all/forwarding', '1'),
  ];
}

function planTable(spec: NetworkSpec, bridge: string, { nft }: NetworkHostFacts): Op[] {
  const rules = formatTable(spec, bridge);
  if (rules === '' || nft === undefined) return [];
  return [{ op: 'network-table', program: nft, family: 'inet', table: tableName(spec.name), rules }];
}

function planNameServer(spec: NetworkSpec, bridge: string, hosts: string, { nameServer }: NetworkHostFacts): Op[] {
  if (nameServer === undefined || needsNameServer(spec) === 'no') return [];
  const { program, user } = nameServer;
  const args = [program, `--conf-file=${DNSMASQ_CONFIG}`];
  const config = formatDnsmasq(spec, bridge, user);
  return [{ op: 'network-keeper', args: Buffer.from(args.map((arg) => `${arg}\0`).join('')), config, hosts }];
}
