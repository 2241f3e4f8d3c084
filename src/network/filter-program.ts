/** A program for the ingress of a port: what a container sends under somebody else's name is dropped. docs/adr/0014 */

/** Whom a port may speak as. */
export interface FilterNames {
  /** 6 bytes. */
  readonly mac: Uint8Array;
  /** 4 bytes each. */
  readonly ipv4: readonly Uint8Array[];
  /** 16 bytes each. */
  readonly ipv6: readonly Uint8Array[];
}

/** One `struct bpf_insn`, whose offset a label stands for. */
interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly constant?: number;
  readonly target?: string;
}
type Line = Instruction | string;

/** Codes of eBPF, `<linux/bpf.h>`. Comparisons are of 32 bits: constants of 64 would be sign-extended. */
const CODE = {
  loadField: 0x61,
  /** From the frame, in the host's byte order, to r0; the frame's own is r6. */
  byte: 0x30,
  half: 0x28,
  word: 0x20,
  move: 0xbf,
  moveConstant: 0xb7,
  ifEqual: 0x16,
  ifNotEqual: 0x56,
  ifLess: 0xa6,
  always: 0x05,
  exit: 0x95,
} as const;

/** `struct __sk_buff`. */
const FIELD = { length: 0, vlanPresent: 20 } as const;
/** `<linux/pkt_cls.h>`: dropped; on to the next filter. */
const VERDICT = { drop: 2, pass: -1 } as const;
const [RESULT, ARGUMENT, FRAME, LENGTH, NEXT_HEADER] = [0, 1, 6, 7, 8] as const;

/** Numbers of protocols: of Ethernet, of IP, of ICMPv6. */
const ETHERNET = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const UDP = 17;
const ICMPV6 = 58;
const HOP_BY_HOP = 0;
/** Headers that other headers stand behind, so that the frame's end would have to be looked for: routing, destination options, mobility, HIP, shim6. */
const WRAPPERS = [43, 60, 135, 139, 140] as const;
const ND = { routerSolicitation: 133, routerAdvertisement: 134, solicitation: 135, advertisement: 136, redirect: 137 };
/** Reports of multicast groups, versions 1 and 2. */
const GROUP_REPORTS = [131, 132, 143] as const;
const DHCP_SERVER = 67;

/** Offsets in a frame, which begins with Ethernet's header. */
const AT = {
  source: 6,
  protocol: 12,
  ipv4: { start: 14, protocol: 23, source: 26, udpDestination: 36 },
  arp: { types: 14, lengths: 18, operation: 20, mac: 22, address: 28 },
  ipv6: { next: 20, source: 22, payload: 54, target: 62, behindHop: 62 },
} as const;

const load = (size: 'byte' | 'half' | 'word', at: number): Instruction => ({ code: CODE[size], constant: at });
const jump = (
  code: 'ifEqual' | 'ifNotEqual' | 'ifLess',
  constant: number,
  target: string,
  to: number = RESULT,
): Instruction => ({ code: CODE[code], to, constant: constant | 0, target });
const atLeast = (length: number): Instruction => jump('ifLess', length, 'drop', LENGTH);
const go = (target: string): Instruction => ({ code: CODE.always, target });

/**
 * A BPF_PROG_TYPE_SCHED_CLS program of direct action. It passes frames of this MAC address that are IPv4 of these addresses, or of none
 * to a DHCP server; ARP that tells these addresses alone; IPv6 of these addresses whose neighbour advertisements are about them. Neither
 * router advertisements and redirects, nor tags of VLANs, nor other protocols. Returns an array of `struct bpf_insn`, little endian.
 */
export function compileFilter(names: FilterNames): Uint8Array {
  return encode([
    { code: CODE.move, to: FRAME, from: ARGUMENT },
    { code: CODE.loadField, to: RESULT, from: FRAME, offset: FIELD.vlanPresent },
    jump('ifNotEqual', 0, 'drop'),
    { code: CODE.loadField, to: LENGTH, from: FRAME, offset: FIELD.length },
    atLeast(AT.ipv4.start),
    ...compareMac(AT.source, names.mac),
    load('half', AT.protocol),
    jump('ifEqual', ETHERNET.ipv4, 'ipv4'),
    jump('ifEqual', ETHERNET.arp, 'arp'),
    jump('ifEqual', ETHERNET.ipv6, 'ipv6'),
    go('drop'),
    ...compileIpv4(names.ipv4),
    ...compileArp(names),
    ...compileIpv6(names.ipv6),
    'drop',
    { code: CODE.moveConstant, to: RESULT, constant: VERDICT.drop },
    { code: CODE.exit },
    'pass',
    { code: CODE.moveConstant, to: RESULT, constant: VERDICT.pass },
    { code: CODE.exit },
  ]);
}

function compareMac(at: number, mac: Uint8Array): Line[] {
  const view = viewOf(mac);
  return [
    load('word', at),
    jump('ifNotEqual', view.getUint32(0), 'drop'),
    load('half', at + 4),
    jump('ifNotEqual', view.getUint16(4), 'drop'),
  ];
}

function compileIpv4(addresses: readonly Uint8Array[]): Line[] {
  const { start, protocol, source, udpDestination } = AT.ipv4;
  return [
    'ipv4',
    atLeast(start + 20),
    load('word', source),
    ...addresses.map((address) => jump('ifEqual', viewOf(address).getUint32(0), 'pass')),
    // Who has none yet asks for one.
    jump('ifNotEqual', 0, 'drop'),
    load('byte', start),
    jump('ifNotEqual', 0x45, 'drop'),
    load('byte', protocol),
    jump('ifNotEqual', UDP, 'drop'),
    atLeast(start + 28),
    load('half', udpDestination),
    jump('ifEqual', DHCP_SERVER, 'pass'),
    go('drop'),
  ];
}

function compileArp({ mac, ipv4 }: FilterNames): Line[] {
  const { types, lengths, operation, address } = AT.arp;
  return [
    'arp',
    atLeast(types + 28),
    load('word', types),
    jump('ifNotEqual', (1 << 16) | ETHERNET.ipv4, 'drop'),
    load('half', lengths),
    jump('ifNotEqual', 0x0604, 'drop'),
    ...compareMac(AT.arp.mac, mac),
    load('word', address),
    ...ipv4.map((own) => jump('ifEqual', viewOf(own).getUint32(0), 'pass')),
    // A probe tells nobody anything.
    jump('ifNotEqual', 0, 'drop'),
    load('half', operation),
    jump('ifEqual', 1, 'pass'),
    go('drop'),
  ];
}

function compileIpv6(addresses: readonly Uint8Array[]): Line[] {
  const { next, source, payload, target, behindHop } = AT.ipv6;
  return [
    'ipv6',
    atLeast(payload),
    load('byte', next),
    { code: CODE.move, to: NEXT_HEADER, from: RESULT },
    ...matchAddress(source, addresses, 'own'),
    ...[0, 4, 8, 12].flatMap((part) => [load('word', source + part), jump('ifNotEqual', 0, 'drop')]),
    // Without an address: routers are looked for, an own address is tried, groups are joined.
    jump('ifEqual', HOP_BY_HOP, 'hop', NEXT_HEADER),
    jump('ifNotEqual', ICMPV6, 'drop', NEXT_HEADER),
    atLeast(payload + 4),
    load('byte', payload),
    jump('ifEqual', ND.routerSolicitation, 'pass'),
    jump('ifEqual', ND.solicitation, 'about'),
    go('drop'),
    'own',
    jump('ifEqual', HOP_BY_HOP, 'hop', NEXT_HEADER),
    ...WRAPPERS.map((number) => jump('ifEqual', number, 'drop', NEXT_HEADER)),
    jump('ifNotEqual', ICMPV6, 'pass', NEXT_HEADER),
    atLeast(payload + 4),
    load('byte', payload),
    jump('ifEqual', ND.advertisement, 'about'),
    jump('ifEqual', ND.routerAdvertisement, 'drop'),
    jump('ifEqual', ND.redirect, 'drop'),
    go('pass'),
    'about',
    atLeast(target + 16),
    ...matchAddress(target, addresses, 'pass'),
    go('drop'),
    // Reports of groups are marked for routers by one such header of 8 bytes.
    'hop',
    atLeast(behindHop + 4),
    load('half', payload),
    jump('ifNotEqual', ICMPV6 << 8, 'drop'),
    load('byte', behindHop),
    ...GROUP_REPORTS.map((type) => jump('ifEqual', type, 'pass')),
    go('drop'),
  ];
}

/** Goes on behind itself when the address at that place is none of these. */
function matchAddress(at: number, addresses: readonly Uint8Array[], target: string): Line[] {
  return addresses.flatMap((address, index): Line[] => {
    const view = viewOf(address);
    const other = `${at} is not ${index}`;
    return [
      ...[0, 4, 8, 12].flatMap((part) => [load('word', at + part), jump('ifNotEqual', view.getUint32(part), other)]),
      go(target),
      other,
    ];
  });
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function encode(lines: readonly Line[]): Uint8Array {
  const places = new Map<string, number>();
  const instructions: Instruction[] = [];
  for (const line of lines) {
    if (typeof line === 'string') places.set(line, instructions.length);
    else instructions.push(line);
  }
  const bytes = new Uint8Array(instructions.length * 8);
  const view = viewOf(bytes);
  instructions.forEach(({ code, to = 0, from = 0, offset = 0, constant = 0, target }, index) => {
    // An offset counts from the instruction behind the jump.
    const distance = target === undefined ? offset : (places.get(target) ?? 0) - index - 1;
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, (from << 4) | to);
    view.setInt16(index * 8 + 2, distance, true);
    view.setInt32(index * 8 + 4, constant, true);
  });
  return bytes;
}
