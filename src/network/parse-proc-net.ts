/** Texts of /proc/PID/net, which shows the network namespace of that process, proc_pid_net(5). Pure. */

export interface LinkCounters {
  readonly link: string;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

const COUNTERS = /^(?:\d+ ){15}\d+$/;

/** `dev`: the links with what came in and went out, in the kernel's order. */
export function parseNetDev(text: string): LinkCounters[] {
  const links: LinkCounters[] = [];
  for (const line of text.split('\n')) {
    // The name may hold colons; the counters do not.
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const counters = line
      .slice(colon + 1)
      .trim()
      .replace(/\s+/g, ' ');
    if (!COUNTERS.test(counters)) continue;
    const counts = counters.split(' ');
    const count = (index: number) => Number(counts[index]);
    const link = line.slice(0, colon).trim();
    links.push({ link, rxBytes: count(0), rxPackets: count(1), txBytes: count(8), txPackets: count(9) });
  }
  return links;
}

/** The same without the loopback link. */
export function listLinks(text: string): LinkCounters[] {
  return parseNetDev(text).filter(({ link }) => link !== 'lo');
}

/** `fib_trie`: the IPv4 addresses of the namespace itself, each once, without those of the loopback network. */
export function parseFibTrie(text: string): string[] {
  const found = new Set<string>();
  let leaf = '';
  for (const line of text.split('\n')) {
    const entry = /\|-- ([\d.]+)$/.exec(line);
    if (entry !== null) leaf = entry[1] ?? '';
    else if (line.endsWith('/32 host LOCAL') && !leaf.startsWith('127.')) found.add(leaf);
  }
  return [...found];
}

const SCOPE_LINK = '20';
const SCOPE_HOST = '10';

export interface LinkAddress {
  readonly link: string;
  readonly address: string;
}

/** `if_inet6`: the IPv6 addresses that others can reach, with their links; not link-local ones, and not the loopback's. */
export function parseIfInet6(text: string): LinkAddress[] {
  return text.split('\n').flatMap((line) => {
    const [digits = '', , , scope, , link] = line.trim().split(/\s+/);
    if (!/^[0-9a-f]{32}$/.test(digits) || link === undefined || scope === SCOPE_LINK || scope === SCOPE_HOST) return [];
    return [{ link, address: formatIpv6(digits) }];
  });
}

/** `route`: the link whose network an IPv4 address is in, or undefined. The numbers there are in the order of this machine's memory. */
export function findLinkOf(address: string, routes: string): string | undefined {
  const bytes = address.split('.').map(Number);
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  for (const line of routes.split('\n')) {
    const [link, destination = '', , , , , , mask = ''] = line.split('\t');
    if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask) || mask === '00000000') continue;
    const network = Number.parseInt(destination, 16);
    if ((value & Number.parseInt(mask, 16)) >>> 0 === network) return link;
  }
  return undefined;
}

/** 32 hexadecimal digits in the one canonical form (RFC 5952), which is how hosts of URLs are written. */
function formatIpv6(digits: string): string {
  const groups = digits.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
