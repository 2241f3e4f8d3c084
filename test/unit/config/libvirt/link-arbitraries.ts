import fc from 'fast-check';
import { formatIpAddress } from '../../../../src/config/ip-address.js';
import type { InterfaceSpec, IpSpec, RouteSpec } from '../../../../src/config/spec.js';
import { few, oneOf, some } from './value-arbitraries.js';

/** Links of a spec: some that libvirt's elements can say, some that only the extension can. */

const family = fc.constantFrom('ipv4' as const, 'ipv6' as const);
const hostBytes = (of: IpSpec['family']) =>
  fc.uint8Array({ minLength: of === 'ipv4' ? 4 : 16, maxLength: of === 'ipv4' ? 4 : 16 });
const address = (of: IpSpec['family']) => hostBytes(of).map((octets) => formatIpAddress(octets));

const ip: fc.Arbitrary<IpSpec> = family.chain((of) =>
  fc
    .tuple(
      address(of),
      fc.integer({ min: 0, max: of === 'ipv4' ? 32 : 128 }),
      some<Pick<IpSpec, 'peer' | 'broadcast'>>({ peer: address(of), broadcast: address('ipv4') }),
    )
    .map(([host, prefix, peer]) => ({ family: of, address: host, prefix, ...peer })),
);

const route: fc.Arbitrary<RouteSpec> = family.chain((of) =>
  fc
    .tuple(
      hostBytes(of),
      fc.nat(),
      some<Pick<RouteSpec, 'metric' | 'gateway'>>({
        metric: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        gateway: address(of),
      }),
    )
    .map(([octets, seed, rest]) => {
      const prefix = seed % (octets.length * 8 + 1);
      const network = octets.map((octet, index) => octet & (0xff << Math.max(0, 8 - Math.max(0, prefix - 8 * index))));
      return { family: of, address: formatIpAddress(network), prefix, ...rest };
    }),
);

/** Those of a veth are the ones that libvirt knows. */
type Rest = Omit<
  InterfaceSpec,
  'type' | 'source' | 'ips' | 'routes' | 'hostIps' | 'hostRoutes' | 'guestName' | 'targetName'
>;

const mac = fc
  .uint8Array({ minLength: 3, maxLength: 3 })
  .map((octets) => ['52:54:00', ...Array.from(octets, (octet) => octet.toString(16).padStart(2, '0'))].join(':'));

const plainLink = fc
  .record({
    type: oneOf('network', 'bridge', 'ethernet', 'direct'),
    named: fc.boolean(),
    mode: oneOf('vepa', 'bridge', 'private', 'passthrough'),
    rest: some<Pick<InterfaceSpec, 'linkState' | 'mac' | 'mtu'>>({
      linkState: oneOf('up', 'down'),
      mac,
      mtu: fc.integer({ min: 68, max: 65535 }),
    }),
    ips: few(ip),
    routes: few(route),
  })
  .map(
    ({ type, named, mode, rest, ips, routes }): InterfaceSpec => ({
      type,
      ...(type === 'ethernet' ? {} : { source: 'br0' }),
      ...(type === 'direct' ? { mode } : {}),
      ...(named ? { guestName: 'lan', targetName: 'web' } : {}),
      ...rest,
      ips,
      routes,
      hostIps: type === 'ethernet' ? ips : [],
      hostRoutes: type === 'ethernet' ? routes : [],
    }),
  );

const physicalLink = fc.record({ ips: few(ip), routes: few(route) }).map(
  (addresses): InterfaceSpec => ({
    type: 'phys',
    source: 'eth9',
    guestName: 'eth9',
    ...addresses,
    hostIps: [],
    hostRoutes: [],
  }),
);

const kibibytes = fc.integer({ min: 1, max: 4_294_967_295 });
const limit = fc
  .record({ averageKBytes: kibibytes, rest: some({ peakKBytes: kibibytes, burstKBytes: kibibytes }) })
  .map(({ averageKBytes, rest }) => ({ averageKBytes, ...rest }));

const anyLink = fc
  .record({
    type: oneOf('network', 'bridge', 'direct', 'ipvlan', 'vlan', 'phys'),
    source: fc.constantFrom('br0', 'eth0.7'),
    rest: some<Rest>({
      mode: oneOf('private', 'vepa', 'bridge', 'passthrough', 'l2', 'l3', 'l3s'),
      vlanId: fc.integer({ min: 1, max: 4094 }),
      bridgeOnDemand: fc.boolean(),
      mtu: fc.integer({ min: 68, max: 9000 }),
      mac,
      linkState: oneOf('up', 'down'),
      portGroup: fc.constant('slow'),
      bandwidth: some({ inbound: limit, outbound: limit }),
      isolated: fc.boolean(),
      filter: fc.record({
        name: fc.constant('clean-traffic' as const),
        addresses: fc.array(fc.constantFrom('192.0.2.9', 'fd00::9'), { maxLength: 2 }),
      }),
    }),
    ips: few(ip),
    routes: few(route),
    hostIps: few(ip),
    hostRoutes: few(route),
  })
  .map(({ rest, ...link }): InterfaceSpec => ({ ...link, ...rest }));

/** No two have one name. */
export const interfaces: fc.Arbitrary<InterfaceSpec[]> = fc
  .array(fc.oneof(plainLink, physicalLink, anyLink), { maxLength: 4 })
  .map((links) =>
    links.map(
      (link, index): InterfaceSpec => ({
        ...link,
        ...(link.guestName === undefined ? {} : { guestName: `${link.guestName}${index}` }),
        ...(link.targetName === undefined ? {} : { targetName: `${link.targetName}${index}` }),
        ...(link.source === 'eth9' ? { source: `eth9${index}` } : {}),
      }),
    ),
  );
