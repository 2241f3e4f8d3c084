import type { InterfaceSpec, IpSpec, RouteSpec } from '../spec.js';
import { address, gateway, linkName, macTemplate, network } from './net-values.js';
import { lines, type NetRow, type NetType, netKey, type Printed } from './rows.js';
import { anyText, integer, oneOf, zeroOrOne } from './values.js';

/** Rows of one network: keys below `lxc.net.N.`, in the order in which LXC takes them: the type comes first. */

const TYPE_WORDS: Readonly<Record<InterfaceSpec['type'], NetType>> = {
  // LXC knows bridges, and networks are some.
  network: 'veth',
  bridge: 'veth',
  ethernet: 'veth',
  direct: 'macvlan',
  ipvlan: 'ipvlan',
  vlan: 'vlan',
  phys: 'phys',
  user: 'empty',
};

export const netType = netKey(
  'type',
  'veth: a pair of links, the host end in the bridge `link` or free; macvlan, ipvlan, vlan: a link on top of `link`; phys: ' +
    "`link` itself; empty: the loopback device alone; none: as the only network, the host's",
  oneOf('empty', 'none', 'veth', 'vlan', 'macvlan', 'ipvlan', 'phys'),
  { print: ({ type }) => lines(TYPE_WORDS[type]) },
);

export const netLink = netKey('link', 'bridge or link of the host', linkName, { print: ({ source }) => lines(source) });

export const netName = netKey('name', 'name inside', linkName, {
  byDefault: 'ethN; of phys its own',
  print: ({ type, guestName, source }) => (type === 'phys' && guestName === source ? [] : lines(guestName)),
});

export const netFlags = netKey('flags', 'up: the link is brought up', oneOf('up'), {
  byDefault: 'it stays down',
  print: ({ type, linkState, ips }) => {
    // Elsewhere an address brings a link up by itself, and so does a network.
    const isUp = linkState === 'up' || (linkState === undefined && (ips.length > 0 || type === 'network'));
    return isUp ? lines('up') : [];
  },
});

export const netHwaddr = netKey(
  'hwaddr',
  'hardware address; each `x` becomes a digit made of the name and N, the same at every start',
  macTemplate,
  { byDefault: 'made up', print: ({ mac }) => lines(mac) },
);

export const netMtu = netKey('mtu', 'largest packet in bytes', integer(68, 65535), { print: ({ mtu }) => lines(mtu) });

const veth: { readonly only: readonly NetType[] } = { only: ['veth'] };

export const vethPair = netKey('veth.pair', 'name of the host end', linkName, {
  ...veth,
  byDefault: 'made up',
  print: ({ targetName }) => lines(targetName),
});

const hostRoutes = ({ type, hostRoutes: routes }: InterfaceSpec, family: RouteSpec['family']): Printed[] => {
  const own = routes.filter((route) => route.family === family && route.gateway === undefined);
  return type === 'ethernet' ? lines(...own.map((route) => `${route.address}/${route.prefix}`)) : [];
};

export const vethRoute4 = netKey(
  'veth.ipv4.route',
  'a route of the host by the host end; without `link` only',
  network('ipv4'),
  {
    ...veth,
    list: true,
    print: (link) => hostRoutes(link, 'ipv4'),
  },
);

export const vethRoute6 = netKey('veth.ipv6.route', 'likewise', network('ipv6'), {
  ...veth,
  list: true,
  print: (link) => hostRoutes(link, 'ipv6'),
});

export const vlanId = netKey('vlan.id', 'number of the VLAN', integer(1, 4094), {
  only: ['vlan'],
  print: ({ vlanId: id }) => lines(id),
});

export const macvlanMode = netKey(
  'macvlan.mode',
  'how macvlans of one link see each other',
  oneOf('private', 'vepa', 'bridge', 'passthru'),
  {
    only: ['macvlan'],
    byDefault: 'private',
    print: ({ type, mode }) => (type === 'direct' ? lines(mode === 'passthrough' ? 'passthru' : mode) : []),
  },
);

export const ipvlanMode = netKey('ipvlan.mode', 'up to which layer it is its own', oneOf('l3', 'l3s', 'l2'), {
  only: ['ipvlan'],
  byDefault: 'l3',
  print: ({ type, mode }) => (type === 'ipvlan' ? lines(mode) : []),
});

const addresses = ({ ips }: InterfaceSpec, family: IpSpec['family']) => {
  const own = ips.filter((ip) => ip.family === family);
  return lines(...own.map((ip) => `${ip.address}/${ip.prefix}${ip.broadcast === undefined ? '' : ` ${ip.broadcast}`}`));
};

/** Only the default route has a word. */
const defaultRoute = ({ routes }: InterfaceSpec, family: RouteSpec['family']) => {
  const route = routes.find((candidate) => candidate.family === family && candidate.prefix === 0);
  return route === undefined ? [] : lines(route.gateway ?? 'dev');
};

const GATEWAY = 'default route inside; dev: by the link alone; auto, the address of the bridge: a start refuses';

export const ipv4Address = netKey(
  'ipv4.address',
  'an address, with a broadcast address behind it or not',
  address('ipv4'),
  {
    legacy: ['ipv4'],
    list: true,
    print: (link) => addresses(link, 'ipv4'),
  },
);

export const ipv4Gateway = netKey('ipv4.gateway', GATEWAY, gateway('ipv4'), {
  print: (link) => defaultRoute(link, 'ipv4'),
});

export const ipv6Address = netKey('ipv6.address', 'an address', address('ipv6'), {
  legacy: ['ipv6'],
  list: true,
  print: (link) => addresses(link, 'ipv6'),
});

export const ipv6Gateway = netKey('ipv6.gateway', GATEWAY, gateway('ipv6'), {
  print: (link) => defaultRoute(link, 'ipv6'),
});

function refusedNet(
  name: string,
  about: string,
  type: NetRow['type'],
  remark: string,
  options: Partial<NetRow> = {},
): NetRow {
  return netKey<unknown>(name, about, type, { standing: 'refused', remark, ...options });
}

function queues(name: string, about: string): NetRow {
  return netKey<unknown>(name, about, integer(1, 65535), { ...veth, standing: 'kept', remark: 'a pair has one queue' });
}

const SCRIPT = 'a program of its own for a link';
const VLAN_OF_PORT = 'a VLAN of its port in the bridge';

/** All of them, in the order of a print. */
export const NET_ROWS: readonly NetRow[] = [
  netType,
  netLink,
  netName,
  netFlags,
  netHwaddr,
  netMtu,
  refusedNet(
    'veth.mode',
    'bridge, or router: routes of the host in place of a bridge',
    oneOf('bridge', 'router'),
    'a routed link',
    {
      ...veth,
      quiet: ['bridge'],
      byDefault: 'bridge',
    },
  ),
  vethPair,
  vethRoute4,
  vethRoute6,
  refusedNet('veth.vlan.id', 'VLAN of the port in the bridge, or none', anyText, VLAN_OF_PORT, veth),
  refusedNet('veth.vlan.tagged.id', 'VLANs whose frames keep their tag', anyText, VLAN_OF_PORT, {
    ...veth,
    list: true,
  }),
  queues('veth.n_rxqueues', 'queues for receiving'),
  queues('veth.n_txqueues', 'queues for sending'),
  vlanId,
  macvlanMode,
  ipvlanMode,
  refusedNet(
    'ipvlan.isolation',
    'how ipvlans of one link see each other',
    oneOf('bridge', 'private', 'vepa'),
    'isolation from other ipvlans',
    { only: ['ipvlan'], quiet: ['bridge'], byDefault: 'bridge' },
  ),
  ipv4Address,
  ipv4Gateway,
  ipv6Address,
  ipv6Gateway,
  refusedNet('l2proxy', 'the host answers for its addresses', zeroOrOne, 'answers of the host for its addresses', {
    quiet: ['0'],
    byDefault: '0',
  }),
  refusedNet('script.up', 'a program that runs when the link is there', anyText, SCRIPT),
  refusedNet('script.down', 'a program that runs before the link goes', anyText, SCRIPT),
];
