import type { InterfaceSpec, IpSpec, PortSpec, RouteSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';
import { toAddressBytes, toMacBytes, toNetworkBytes } from './address-bytes.js';
import { type NamedLink, nameLinks } from './name-links.js';
import { planUserNetwork } from './plan-user-network.js';

/** The bridge of libvirt's network `default`, made when the first container needs it. */
export const DEFAULT_BRIDGE = 'ctrbr0';
/** A bridge without one of its own takes its lowest port's, which changes as containers come and go. */
const DEFAULT_BRIDGE_MAC = '52:54:00:63:74:72';

const NO_ADDRESS = new Uint8Array();

/** What the network asks of each phase. */
export interface NetworkPlan {
  readonly host: readonly Op[];
  readonly link: readonly Op[];
  readonly init: readonly Op[];
}

/** What of a model it depends on. */
export interface NetworkPart {
  readonly name: string;
  readonly interfaces: readonly InterfaceSpec[];
  readonly ports?: readonly PortSpec[];
}

type NetworkHost = Pick<HostFacts, 'user' | 'userNetwork'>;

/**
 * Bridges, veth pairs, programs, and what init does with its ends.
 *
 * @throws CtrError CTR_UNSUPPORTED on a network other than `default`, CTR_MISSING_PROGRAM, CTR_BAD_CONFIG on two links of one name
 */
export function planNetwork(part: NetworkPart, ownNetwork: boolean, uuid: string, host: NetworkHost): NetworkPlan {
  const named = nameLinks(part.interfaces, uuid);
  const links = named.filter(({ spec }) => spec.type !== 'user');
  return {
    host: links.some(({ spec }) => masterOf(spec) === DEFAULT_BRIDGE && spec.type === 'network')
      ? [planDefaultBridge()]
      : [],
    link: [...links.flatMap(planHostEnd), ...planUserLinks(part, named, host)],
    init: [...(ownNetwork ? [{ op: 'loopback' } as const] : []), ...links.flatMap(planGuestEnd)],
  };
}

/** Links of type `user`: a namespace takes one program. */
function planUserLinks({ name, ports = [] }: NetworkPart, named: readonly NamedLink[], host: NetworkHost): Op[] {
  const links = named.filter(({ spec }) => spec.type === 'user');
  const [link] = links;
  if (link === undefined) return [];
  const refuse = (reason: string, hint: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${reason}`, { hint });
  if (host.user === undefined)
    throw refuse("an interface of type 'user' is for an ordinary user's container", "type='network' or 'bridge'");
  if (links.length > 1) throw refuse("an ordinary user's container has one interface at most", 'leave the others out');
  return [planUserNetwork({ name, link: link.spec, guest: link.guest, ports, program: host.userNetwork })];
}

function planDefaultBridge(): Op {
  return { op: 'bridge', name: DEFAULT_BRIDGE, mac: toMacBytes(DEFAULT_BRIDGE_MAC), options: OPTION.SHARED };
}

/** The bridge the host's end goes into; '' for none. */
function masterOf({ type, source = '' }: InterfaceSpec): string {
  if (type === 'ethernet') return '';
  if (type === 'bridge') return source;
  if (source === 'default') return DEFAULT_BRIDGE;
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot connect to network '${source}': ctr knows the network 'default' alone`,
    {
      hint: "name a bridge of the host: <interface type='bridge'> with <source bridge='…'/>",
    },
  );
}

function planHostEnd({ spec, host, guest, mac }: NamedLink): Op[] {
  return [
    { op: 'veth', host, guest, mac: toMacBytes(mac), master: masterOf(spec), mtu: 0 },
    ...(spec.type === 'ethernet' ? spec.hostIps : []).map(
      (ip): Op => ({ op: 'host-address', link: host, ...addressOf(ip) }),
    ),
    ...(spec.type === 'ethernet' ? spec.hostRoutes : []).map(
      (route): Op => ({ op: 'host-route', link: host, ...routeOf(route) }),
    ),
  ];
}

function planGuestEnd({ spec, guest }: NamedLink): Op[] {
  return [
    ...(isUp(spec) ? [{ op: 'link-up', link: guest } as const] : []),
    ...spec.ips.map((ip): Op => ({ op: 'address', link: guest, ...addressOf(ip) })),
    ...spec.routes.map((route): Op => ({ op: 'route', ...routeOf(route) })),
  ];
}

/**
 * libvirt brings a link up when it has an address or is said to be up. One in a network is up here besides: nothing is
 * gained by leaving that to a DHCP client.
 */
function isUp({ type, ips, linkState }: InterfaceSpec): boolean {
  return ips.length > 0 || linkState === 'up' || (type === 'network' && linkState === undefined);
}

function addressOf({ address, prefix, peer }: IpSpec) {
  return { address: toAddressBytes(address), prefix, peer: peer === undefined ? NO_ADDRESS : toAddressBytes(peer) };
}

function routeOf({ address, prefix, gateway, metric = 0 }: RouteSpec) {
  return {
    destination: toNetworkBytes(toAddressBytes(address), prefix),
    prefix,
    gateway: gateway === undefined ? NO_ADDRESS : toAddressBytes(gateway),
    metric,
  };
}
