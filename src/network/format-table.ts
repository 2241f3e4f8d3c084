import type { NetworkIpSpec, NetworkSpec } from '../config/spec.js';
import { formatAddressBytes, toAddressBytes, toNetworkBytes } from './address-bytes.js';

/** The table of a network in nft(8)'s own words. docs/adr/0014 */

/** Behind what others do in the same hooks, so that what they drop is dropped. */
const BEHIND = 5;

export function tableName(network: string): string {
  return `ctr-${network}`;
}

/** Networks that ports of the host can lead into: of the others ctr makes no rules, or nobody outside is to reach them. */
export function takesPorts({ forward }: Pick<NetworkSpec, 'forward'>): boolean {
  return forward.mode === 'nat' || forward.mode === 'route';
}

/** The rules as nft takes them on stdin, replacing an older table; '' for a network that needs none. */
export function formatTable(spec: NetworkSpec, bridge: string): string {
  const { mode } = spec.forward;
  if (mode === 'bridge' || (mode === 'open' && spec.isolated !== true)) return '';
  const table = tableName(spec.name);
  const parts =
    mode === 'open'
      ? [forwardChain([besideDrop(bridge)])]
      : [
          ...(takesPorts(spec) ? listPortParts() : []),
          ...(takesPorts(spec)
            ? [
                chain('translate', `type nat hook postrouting priority srcnat + ${BEHIND}`, [
                  ...listBack(spec, bridge),
                  ...(mode === 'nat' ? listNat(spec) : []),
                ]),
              ]
            : []),
          forwardChain(listForward(spec, bridge)),
          chain('guard', 'type filter hook prerouting priority raw', [
            // Loopback addresses of the host are nobody's from outside; route_localnet would let them in.
            `iifname "${bridge}" ip daddr 127.0.0.0/8 drop`,
          ]),
        ];
  return `add table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${parts.join('')}}\n`;
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return `\tchain ${name} {\n\t\t${hook}; policy accept;\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n`;
}

function forwardChain(rules: readonly string[]): string {
  return chain('forward', `type filter hook forward priority filter + ${BEHIND}`, rules);
}

const FAMILIES = [
  { digit: '4', word: 'ip', type: 'ipv4_addr' },
  { digit: '6', word: 'ip6', type: 'ipv6_addr' },
] as const;

/**
 * Ports of the host: empty maps, whose elements come with the containers (native/ports.c has their names, too), and who looks into
 * them. An address of the host comes before all of them. `dstnat` is no word of the output hook: -95 is its number.
 */
function listPortParts(): string[] {
  const maps = FAMILIES.flatMap(({ digit, type }) => [
    `\tmap ports${digit} {\n\t\ttype inet_proto . inet_service : ${type} . inet_service\n\t}\n`,
    `\tmap ports${digit}at {\n\t\ttype ${type} . inet_proto . inet_service : ${type} . inet_service\n\t}\n`,
  ]);
  const rules = (match: string) =>
    FAMILIES.flatMap(({ digit, word }) => [
      `${match} dnat ${word} to ${word} daddr . meta l4proto . th dport map @ports${digit}at`,
      `${match} dnat ${word} to meta l4proto . th dport map @ports${digit}`,
    ]);
  return [
    ...maps,
    chain('inwards', `type nat hook prerouting priority dstnat + ${BEHIND}`, rules('fib daddr type local')),
    chain('own', 'type nat hook output priority -95', rules('oifname "lo"')),
  ];
}

/** Answers must come back here: to the host's own connections by way of its loopback link, and to containers of the same network. */
function listBack({ ips }: NetworkSpec, bridge: string): string[] {
  return [
    `ct status dnat oifname "${bridge}" fib saddr type local masquerade`,
    ...ips.map((ip) => `ct status dnat ${family(ip)} saddr ${subnetOf(ip)} oifname "${bridge}" masquerade`),
  ];
}

const besideDrop = (bridge: string) => `iifname "${bridge}" oifname "${bridge}" drop`;

const family = (ip: NetworkIpSpec) => (ip.family === 'ipv4' ? 'ip' : 'ip6');

function subnetOf({ address, prefix }: NetworkIpSpec): string {
  return `${formatAddressBytes(toNetworkBytes(toAddressBytes(address), prefix))}/${prefix}`;
}

/** As libvirt orders them: neither multicast nor broadcast, no privileged port for who has none, then the rest. */
function listNat({ ips, forward }: NetworkSpec): string[] {
  const { nat, dev } = forward;
  const out = dev === undefined ? '' : `oifname "${dev}" `;
  return ips
    .filter((ip) => ip.family === 'ipv4' || nat?.ipv6 === true)
    .flatMap((ip) => {
      const word = family(ip);
      const from = `${word} saddr ${subnetOf(ip)} ${word} daddr != ${subnetOf(ip)}`;
      const local = ip.family === 'ipv4' ? '{ 224.0.0.0/24, 255.255.255.255 }' : 'ff02::/16';
      const ports = nat?.ports === undefined ? '1024-65535' : `${nat.ports.start}-${nat.ports.end}`;
      const { addresses } = nat ?? {};
      const target = (to: string) =>
        addresses !== undefined && ip.family === 'ipv4'
          ? `snat ip to ${addresses.start === addresses.end ? addresses.start : `${addresses.start}-${addresses.end}`}${to}`
          : `masquerade${to === '' ? '' : ` to ${to}`}`;
      return [
        `${word} saddr ${subnetOf(ip)} ${word} daddr ${local} return`,
        `${out}${from} meta l4proto { tcp, udp } ${target(`:${ports}`)}`,
        `${out}${from} ${target('')}`,
      ];
    });
}

/** Who may talk to whom by way of the host. */
function listForward({ ips, forward, isolated }: NetworkSpec, bridge: string): string[] {
  const { mode, dev } = forward;
  // Ports that the host shows to everybody, it shows to neighbours.
  const ports = takesPorts({ forward }) ? [`oifname "${bridge}" ct status dnat accept`] : [];
  const beside = isolated === true ? besideDrop(bridge) : `iifname "${bridge}" oifname "${bridge}" accept`;
  const inside = [...ports, beside];
  const reject = [`iifname "${bridge}" reject`, `oifname "${bridge}" reject`];
  if (mode === 'none') return [...inside, ...reject];
  const link = (word: string) => (dev === undefined ? '' : `${word} "${dev}" `);
  const out = ips.map((ip) => `iifname "${bridge}" ${link('oifname')}${family(ip)} saddr ${subnetOf(ip)} accept`);
  const back = ips.map((ip) => {
    // Routed networks are reached by who knows the way; translated ones answer only.
    const answers = mode === 'nat' && (ip.family === 'ipv4' || forward.nat?.ipv6 === true);
    const state = answers ? 'ct state established,related ' : '';
    return `oifname "${bridge}" ${link('iifname')}${family(ip)} daddr ${subnetOf(ip)} ${state}accept`;
  });
  return [...inside, ...out, ...back, ...reject];
}
