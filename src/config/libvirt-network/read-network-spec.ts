import { childrenOf, type DomainElement, descendant } from '../libvirt/domain-element.js';
import { attributeOf, optional, textOf } from '../libvirt/pick.js';
import { readBandwidth } from '../libvirt/read-bandwidth.js';
import { readPrefix, readRoute } from '../libvirt/read-interface-spec.js';
import type { BridgeSpec, ForwardSpec, NetworkDnsSpec, NetworkIpSpec, NetworkSpec } from '../spec-networks.js';
import { FORWARD_MODES } from './network-rows.js';

/** What a canonical network says, typed. The text was read without errors. */
export function readNetworkSpec(network: DomainElement): NetworkSpec {
  const domain = descendant(network, 'domain');
  const mtu = attributeOf(network, 'size', 'mtu');
  const bandwidth = readBandwidth(descendant(network, 'bandwidth'));
  const groups = childrenOf(network, 'portgroup');
  const refusals = listRefusals(network);
  return {
    name: textOf(network, 'name') ?? '',
    ...optional('uuid', textOf(network, 'uuid')),
    ...optional('title', textOf(network, 'title')),
    ...optional('description', textOf(network, 'description')),
    bridge: readBridge(network),
    ...optional('mtu', mtu === undefined ? undefined : Number(mtu)),
    ...(domain === undefined
      ? {}
      : { domain: { name: attributeOf(domain, 'name') ?? '', localOnly: attributeOf(domain, 'localOnly') === 'yes' } }),
    dns: readDns(descendant(network, 'dns')),
    ips: childrenOf(network, 'ip').map((ip) => readNetworkIp(ip)),
    routes: childrenOf(network, 'route').map((route) => readRoute(route)),
    forward: readForward(descendant(network, 'forward')),
    ...optional('bandwidth', bandwidth),
    ...(groups.length === 0
      ? {}
      : {
          portGroups: groups.map((group) => ({
            name: attributeOf(group, 'name') ?? '',
            isDefault: attributeOf(group, 'default') === 'yes',
            ...optional('bandwidth', readBandwidth(descendant(group, 'bandwidth'))),
          })),
        }),
    ...(attributeOf(network, 'isolated', 'port') === 'yes' ? { isolated: true } : {}),
    ...(refusals.length === 0 ? {} : { refusals }),
  };
}

function readBridge(network: DomainElement): BridgeSpec {
  const bridge = descendant(network, 'bridge');
  return {
    ...optional('name', attributeOf(bridge, 'name')),
    ...optional('mac', attributeOf(network, 'address', 'mac')),
    stp: attributeOf(bridge, 'stp') === 'on',
    delaySeconds: Number(attributeOf(bridge, 'delay') ?? 0),
  };
}

function readDns(dns: DomainElement | undefined): NetworkDnsSpec {
  return {
    enabled: attributeOf(dns, 'enable') !== 'no',
    forwardPlainNames: attributeOf(dns, 'forwardPlainNames') !== 'no',
    forwarders: childrenOf(dns, 'forwarder').map((forwarder) => ({
      ...optional('domain', attributeOf(forwarder, 'domain')),
      ...optional('address', attributeOf(forwarder, 'addr')),
    })),
    hosts: childrenOf(dns, 'host').map((host) => ({
      ip: attributeOf(host, 'ip') ?? '',
      names: childrenOf(host, 'hostname').map(({ text = '' }) => text),
    })),
    txt: childrenOf(dns, 'txt').map((txt) => ({
      name: attributeOf(txt, 'name') ?? '',
      value: attributeOf(txt, 'value') ?? '',
    })),
    srv: childrenOf(dns, 'srv').map((srv) => ({
      service: attributeOf(srv, 'service') ?? '',
      protocol: attributeOf(srv, 'protocol') ?? '',
      ...optional('domain', attributeOf(srv, 'domain')),
      ...optional('target', attributeOf(srv, 'target')),
      ...optionalNumber(srv, 'port'),
      ...optionalNumber(srv, 'priority'),
      ...optionalNumber(srv, 'weight'),
    })),
  };
}

function optionalNumber<K extends string>(element: DomainElement, name: K): { readonly [P in K]?: number } {
  const value = attributeOf(element, name);
  return optional(name, value === undefined ? undefined : Number(value));
}

function readNetworkIp(ip: DomainElement): NetworkIpSpec {
  const { attributes } = ip;
  const address = attributes.get('address') ?? '';
  const dhcp = descendant(ip, 'dhcp');
  return {
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    prefix: readPrefix(address, attributes),
    ...optional('localPtr', attributes.get('localPtr') === 'yes' ? true : undefined),
    ...(dhcp === undefined
      ? {}
      : {
          dhcp: {
            ranges: childrenOf(dhcp, 'range').map((range) => ({
              start: attributeOf(range, 'start') ?? '',
              end: attributeOf(range, 'end') ?? '',
              ...optional('leaseSeconds', readLease(range)),
            })),
            hosts: childrenOf(dhcp, 'host').map((host) => ({
              ...optional('mac', attributeOf(host, 'mac')),
              ...optional('id', attributeOf(host, 'id')),
              ...optional('name', attributeOf(host, 'name')),
              ip: attributeOf(host, 'ip') ?? '',
              ...optional('leaseSeconds', readLease(host)),
            })),
          },
        }),
  };
}

/** Seconds; 0: for ever. */
function readLease(parent: DomainElement): number | undefined {
  const lease = descendant(parent, 'lease');
  if (lease === undefined) return undefined;
  const seconds = { seconds: 1, minutes: 60, hours: 3600 };
  return Number(attributeOf(lease, 'expiry')) * (seconds[attributeOf(lease, 'unit') as keyof typeof seconds] ?? 60);
}

function readForward(forward: DomainElement | undefined): ForwardSpec {
  if (forward === undefined) return { mode: 'none' };
  const mode = attributeOf(forward, 'mode') ?? 'nat';
  const nat = descendant(forward, 'nat');
  const addresses = descendant(nat, 'address');
  const ports = descendant(nat, 'port');
  return {
    mode: FORWARD_MODES.find((known) => known === mode) ?? 'none',
    ...optional('dev', attributeOf(forward, 'dev')),
    ...(nat === undefined
      ? {}
      : {
          nat: {
            ...(addresses === undefined
              ? {}
              : {
                  addresses: { start: attributeOf(addresses, 'start') ?? '', end: attributeOf(addresses, 'end') ?? '' },
                }),
            ...(ports === undefined
              ? {}
              : { ports: { start: Number(attributeOf(ports, 'start')), end: Number(attributeOf(ports, 'end')) } }),
            ipv6: attributeOf(nat, 'ipv6') === 'yes',
          },
        }),
  };
}

/** What libvirt's networks can have and ctr's cannot. */
function listRefusals(network: DomainElement): readonly string[] {
  const mode = attributeOf(network, 'mode', 'forward');
  const known: readonly string[] = FORWARD_MODES;
  return [
    ...(mode === undefined || known.includes(mode) ? [] : [`it asks for <forward mode='${mode}'>`]),
    ...['vlan', 'virtualport', 'dnsmasq:options']
      .filter((name) => childrenOf(network, name).length > 0)
      .map((name) => `it asks for <${name}>`),
    ...[network, ...childrenOf(network, 'portgroup')]
      .filter((element) => ['inbound', 'outbound'].some((name) => attributeOf(element, 'floor', 'bandwidth', name)))
      .map(() => 'it asks for a guaranteed bandwidth (floor)'),
    ...(childrenOf(network, 'ip').some((ip) => descendant(ip, 'tftp') !== undefined) ? ['it asks for <tftp>'] : []),
    ...childrenOf(network, 'portgroup').flatMap((group) =>
      ['vlan', 'virtualport', 'port']
        .filter((name) => descendant(group, name) !== undefined)
        .map((name) => `its port group '${attributeOf(group, 'name')}' asks for <${name}>`),
    ),
  ];
}
