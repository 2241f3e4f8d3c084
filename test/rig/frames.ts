/** Ethernet frames as a container may send them, honest or not; and who hears them. */
import type { NetworkHost } from './network-host.js';

const mac = (text: string) => text.replaceAll(':', '');
const ipv4 = (text: string) =>
  text
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
const half = (value: number) => value.toString(16).padStart(4, '0');

/** All groups of an address of version 6. */
function expand(text: string): string {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => group.padStart(4, '0')));
  if (tail === undefined) return groups(head).join('');
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<string>(missing).fill('0000'), ...groups(tail)].join('');
}

const ALL = 'ffffffffffff';
const ethernet = (source: string, protocol: string, payload: string, to = ALL) =>
  `${mac(to)}${mac(source)}${protocol}${payload}`;

/** In hexadecimal, with a mark inside by which it is known again. */
export type Frame = (mark: string) => string;

/** RFC 1071. */
function checksum(header: string): string {
  const words = header.match(/..../g) ?? [];
  const sum = words.reduce((total, word) => total + Number.parseInt(word, 16), 0);
  return half(~((sum & 0xffff) + (sum >> 16)) & 0xffff);
}

function packet(source: string, to: string, payload: string): string {
  const before = `4500${half(20 + payload.length / 2)}000000004011`;
  const behind = `${ipv4(source)}${ipv4(to)}`;
  return `${before}${checksum(before + behind)}${behind}${payload}`;
}

/** To everybody, or to whom it says. Bridges of a host with br_netfilter look at lengths and at the checksum of IPv4. */
export const frame = {
  arp:
    (source: string, of: { mac: string; ip: string; operation?: 1 | 2 }): Frame =>
    (mark) =>
      ethernet(
        source,
        '0806',
        `000108000604${half(of.operation ?? 2)}${mac(of.mac)}${ipv4(of.ip)}${ALL}${ipv4(of.ip)}${mark}`,
      ),
  /** `ports`: of UDP, source and destination. */
  ipv4:
    (source: string, ip: string, ports = '12341234', to = { mac: ALL, ip: '255.255.255.255' }): Frame =>
    (mark) =>
      ethernet(source, '0800', packet(ip, to.ip, `${ports}${half(8 + mark.length / 2)}0000${mark}`), to.mac),
  /** `next`: number of the header behind, which the payload begins with. */
  ipv6:
    (source: string, ip: string, next: string, payload: string): Frame =>
    (mark) =>
      ethernet(
        source,
        '86dd',
        `60000000${half((payload + mark).length / 2)}${next}ff${expand(ip)}${expand('ff02::1')}${payload}${mark}`,
      ),
  other:
    (source: string, protocol: string): Frame =>
    (mark) =>
      ethernet(source, protocol, `${'00'.repeat(40)}${mark}`),
  /** In a VLAN. */
  tagged:
    (inner: Frame): Frame =>
    (mark) =>
      inner(mark).replace(/^.{24}/, (head) => `${head}81000005`),
} as const;

/** ICMPv6 about an address: 133 to 137 of neighbour discovery. */
export const discovery = (type: number, target: string) =>
  `${type.toString(16)}000000${'20000000'}${expand(target)}0201${'02'.repeat(6)}`;

const OPEN = `use strict; $| = 1; socket(my $s, 17, 3, 0x0300) or die $!;
my $r = pack("a16x16", "eth0"); ioctl($s, 0x8933, $r) or die $!;
my $at = pack("SniSCCa8", 17, 3, unpack("x16i", $r), 0, 0, 0, ""); bind($s, $at) or die $!;`;
const SEND = `${OPEN} for (@ARGV) { send($s, pack("H*", $_), 0, $at) or die $!; select(undef, undef, undef, 0.002); }`;
const HEAR = `${OPEN} alarm 10; print "ready\\n"; while (recv($s, my $f, 2000, 0), 1) { exit if $f =~ /ctr-last/; print "$1\\n" if $f =~ /ctr-(\\d+)/; }`;

/**
 * Sends them from one network namespace and says which of them another one on the same bridge hears, by their place.
 *
 * @param from process in the namespace of who sends, by a link `eth0`; `to` likewise
 * @param last one that is let through in any case
 */
export async function listHeard(
  host: NetworkHost,
  from: number,
  to: number,
  frames: readonly Frame[],
  last: Frame,
): Promise<number[]> {
  const mark = (text: Frame, index: number | string) => text(Buffer.from(` ctr-${index} `).toString('hex'));
  const all = [...frames.map((one, index) => mark(one, index)), mark(last, 'last')];
  const script = `dir=$(mktemp -d); nsenter -t ${to} -n perl -e '${HEAR}' >$dir/heard & hear=$!
for i in $(seq 100); do grep -q ready $dir/heard && break; sleep 0.05; done
nsenter -t ${from} -n perl -e '${SEND}' ${all.join(' ')}; wait $hear; cat $dir/heard; rm -r $dir`;
  const said = await host.sh(script);
  return said
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
}

/** Sends one, in hexadecimal, from the network namespace of a process by its link `eth0`. */
export async function sendFrame(host: NetworkHost, from: number, bytes: string): Promise<void> {
  await host.sh(`nsenter -t ${from} -n perl -e '${SEND}' ${bytes}`);
}
