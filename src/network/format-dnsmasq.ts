import type { NetworkIpSpec, NetworkSpec } from '../config/spec.js';
import { formatAddressBytes, toAddressBytes, toNetworkBytes } from './address-bytes.js';

/**
 * The configuration of a network's name server, dnsmasq(8). Its files have the places where the keeper shows them (native/network-keeper.c).
 * What a user has written is checked where it is read: nothing in it ends a line or separates values.
 */

/** Hosts files of the containers, hosts(5). */
const HOSTS = '/tmp/hosts';
/** Addresses of containers that ask by DHCP, `MAC,ADDRESS…`. */
const RESERVED = `${HOSTS}/dhcp`;
const RUN = '/tmp/run';
export const DNSMASQ_CONFIG = `${RUN}/dnsmasq.conf`;

/** No network lends more than this many addresses at a time. */
const MAX_LEASES = 1 << 16;

/** `required`: its text asks for what only a name server gives. */
export function needsNameServer({ dns, ips, forward }: NetworkSpec): 'no' | 'wanted' | 'required' {
  if (forward.mode === 'bridge' || ips.length === 0) return 'no';
  const records = [dns.hosts, dns.txt, dns.srv, dns.forwarders].some(({ length }) => length > 0);
  if (ips.some(({ dhcp }) => dhcp !== undefined) || (dns.enabled && records)) return 'required';
  return dns.enabled ? 'wanted' : 'no';
}

/** @param user whom it runs as once it has its ports */
export function formatDnsmasq(spec: NetworkSpec, bridge: string, user: string): string {
  const lines = [
    `user=${user}`,
    'keep-in-foreground',
    'log-facility=-',
    `pid-file=${RUN}/dnsmasq.pid`,
    // By the link, and not by the address alone: else strangers reach it by the host's other links (CVE-2012-3411).
    'bind-dynamic',
    `interface=${bridge}`,
    'except-interface=lo',
    ...(spec.dns.enabled ? listNames(spec) : ['port=0']),
    ...listLeases(spec),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function listNames({ dns, domain, ips, forward }: NetworkSpec): string[] {
  const hasOwnServer = dns.forwarders.some(({ domain: of }) => of === undefined);
  return [
    'no-hosts',
    `hostsdir=${HOSTS}`,
    ...(domain === undefined ? [] : [`domain=${domain.name}`, 'expand-hosts']),
    ...(domain?.localOnly === true ? [`local=/${domain.name}/`] : []),
    ...(dns.forwardPlainNames ? [] : ['domain-needed', 'local=//']),
    // Without a way out, the host's servers are none of theirs.
    ...(hasOwnServer || forward.mode === 'none' ? ['no-resolv'] : []),
    ...dns.forwarders.map(({ domain: of, address }) => `server=${of === undefined ? '' : `/${of}/`}${address ?? '#'}`),
    ...ips.filter(({ localPtr }) => localPtr === true).map((ip) => `rev-server=${networkOf(ip)}`),
    ...dns.hosts.map(({ ip, names }) => `host-record=${[...names, ip].join(',')}`),
    ...dns.txt.map(({ name, value }) => `txt-record=${name},${value}`),
    ...dns.srv.map(({ service, protocol, domain: of, target, port, priority, weight }) => {
      const name = `_${service}._${protocol}${of === undefined ? '' : `.${of}`}`;
      return `srv-host=${target === undefined ? name : [name, target, port ?? 1, priority ?? 0, weight ?? 0].join(',')}`;
    }),
  ];
}

function listLeases(spec: NetworkSpec): string[] {
  const { ips, forward, mtu } = spec;
  const lenders = ips.filter(({ dhcp }) => dhcp !== undefined);
  if (lenders.length === 0) return [];
  const ipv6 = ips.filter(({ family }) => family === 'ipv6');
  const hasIpv4 = lenders.some(({ family }) => family === 'ipv4');
  return [
    'dhcp-authoritative',
    'dhcp-no-override',
    // The network is ours alone: nobody has an address that was not given here, so nobody has to be asked.
    'no-ping',
    // A container cannot take the name of another one by saying so.
    'dhcp-ignore-names',
    'quiet-dhcp',
    'quiet-dhcp6',
    'quiet-ra',
    `dhcp-leasefile=${RUN}/leases`,
    `dhcp-lease-max=${countLeases(lenders)}`,
    `dhcp-hostsdir=${RESERVED}`,
    ...lenders.flatMap(listRanges),
    ...lenders.flatMap(listHosts),
    ...(forward.mode === 'none' && hasIpv4 ? ['dhcp-option=option:router'] : []),
    ...(mtu !== undefined && hasIpv4 ? [`dhcp-option=option:mtu,${mtu}`] : []),
    ...(ipv6.length === 0 ? [] : ['enable-ra']),
    ...ipv6.filter(({ dhcp }) => dhcp === undefined).map(({ address }) => `dhcp-range=${address},ra-only`),
    // A router that leads nowhere is none.
    ...(forward.mode === 'none' && ipv6.length > 0 ? ['ra-param=*,0,0'] : []),
  ];
}

function listRanges({ family, address, prefix, dhcp }: NetworkIpSpec): string[] {
  const size = family === 'ipv4' ? netmaskOf(prefix) : String(prefix);
  const { ranges = [] } = dhcp ?? {};
  if (ranges.length === 0) return [`dhcp-range=${address},static,${size}`];
  return ranges.map(
    ({ start, end, leaseSeconds }) => `dhcp-range=${[start, end, size, ...lease(leaseSeconds)].join(',')}`,
  );
}

function listHosts({ dhcp }: NetworkIpSpec): string[] {
  return (dhcp?.hosts ?? []).map(({ mac, id, name, ip, leaseSeconds }) => {
    const values = [mac, id === undefined ? undefined : `id:${id}`, bracketed(ip), name, ...lease(leaseSeconds)];
    return `dhcp-host=${values.filter((value) => value !== undefined).join(',')}`;
  });
}

/** The line of a container whose address is ours, for when it asks by DHCP. */
export function formatReserved(mac: string, addresses: readonly string[]): string {
  return `${[mac, ...addresses.map(bracketed)].join(',')}\n`;
}

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** dnsmasq takes no less than two minutes. */
function lease(seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  return [seconds === 0 ? 'infinite' : String(Math.max(120, seconds))];
}

function countLeases(lenders: readonly NetworkIpSpec[]): number {
  const sizes = lenders.flatMap(({ dhcp }) => [
    BigInt(dhcp?.hosts.length ?? 0) + 1024n,
    ...(dhcp?.ranges ?? []).map(({ start, end }) => number(end) - number(start) + 1n),
  ]);
  const sum = sizes.reduce((total, size) => total + size, 0n);
  return sum > BigInt(MAX_LEASES) ? MAX_LEASES : Number(sum);
}

function number(address: string): bigint {
  return toAddressBytes(address).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function networkOf({ address, prefix }: NetworkIpSpec): string {
  return `${formatAddressBytes(toNetworkBytes(toAddressBytes(address), prefix))}/${prefix}`;
}

function netmaskOf(prefix: number): string {
  const bytes = Uint8Array.from(
    { length: 4 },
    (_, index) => (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * index))) & 0xff,
  );
  return formatAddressBytes(bytes);
}
