/** A program for the ingress of a port: what a container sends under somebody else's name is dropped. docs/adr/0014 */

import { type BpfInstruction, encodeBpf } from '../exec/encode-bpf.js';

/** Whom a port may speak as. */
export interface FilterNames {
  /** 6 bytes. */
  readonly mac: Uint8Array;
  /** 4 bytes each. */
  readonly ipv4: readonly Uint8Array[];
  /** 16 bytes each. */
  readonly ipv6: readonly Uint8Array[];
}

/** A jump goes to a label, which stands for its offset. */
interface Instruction extends BpfInstruction {
  readonly target?: string;
}
type Line = Instruction | string;

/** Codes of eBPF, `<linux/bpf.h>`. Comparisons are of 32 bits: constants of 64 would be sign-extended. */
const CODE = {
  byte: 0x71,
  half: 0x69,
  word: 0x61,
  move: 0xbf,
  moveConstant: 0xb7,
  addConstant: 0x07,
  call: 0x85,
  ifEqual: 0x16,
  ifNotEqual: 0x56,
  ifLess: 0xa6,
  always: 0x05,
  exit: 0x95,
} as const;
const LOAD_BYTES = 26;

/** `struct __sk_buff`. */
const FIELD = { length: 0, vlanPresent: 20 } as const;
/** `<linux/pkt_cls.h>`: dropped; on to the next filter. */
const VERDICT = { drop: 2, pass: -1 } as const;
/** Registers: r0 is a result, r1 to r4 are arguments, r10 is the end of the stack. */
const [RESULT, ARGUMENT, SECOND, THIRD, FOURTH, FRAME, LENGTH, REST, STACK] = [0, 1, 2, 3, 4, 6, 7, 8, 10] as const;

/** Numbers of protocols: of Ethernet, of IP, of ICMPv6. */
const ETHERNET = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const UDP = 17;
const ICMPV6 = 58;
const HOP_BY_HOP = 0;
/** Headers that other headers stand behind, so that the end would have to be looked for: routing, destination options, mobility, HIP, shim6. */
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
  arp: { types: 14, lengthsAndOperation: 18, mac: 22, address: 28 },
  ipv6: { next: 20, source: 22, payload: 54, target: 62, behindHop: 62 },
} as const;

/** What is read of a frame: the shortest that says something, then as far as it is looked at. */
const READ = { least: 42, ipv6: 62, behindHop: 66, target: 78 } as const;

/** Where the copy of the frame begins: words at 6, 14, 18, 22, 26, 62 are aligned then, as the kernel wants them. */
const COPY = -(READ.target + 4);

/** To the register from the copy, in the order of its bytes on the wire. */
const load = (size: 'byte' | 'half' | 'word', at: number, to: number = RESULT): Instruction => ({
  code: CODE[size],
  to,
  from: STACK,
  offset: COPY + at,
});
const field = (to: number, offset: number): Instruction => ({ code: CODE.word, to, from: FRAME, offset });
const jump = (
  code: 'ifEqual' | 'ifNotEqual' | 'ifLess',
  constant: number,
  target: string,
  to: number = RESULT,
): Instruction => ({ code: CODE[code], to, constant: constant | 0, target });
const go = (target: string): Instruction => ({ code: CODE.always, target });

/** Copies the part of the frame, which must be there. */
function copy(start: number, end: number): Line[] {
  return [
    jump('ifLess', end, 'drop', LENGTH),
    { code: CODE.move, to: ARGUMENT, from: FRAME },
    { code: CODE.moveConstant, to: SECOND, constant: start },
    { code: CODE.move, to: THIRD, from: STACK },
    { code: CODE.addConstant, to: THIRD, constant: COPY + start },
    { code: CODE.moveConstant, to: FOURTH, constant: end - start },
    { code: CODE.call, constant: LOAD_BYTES },
    jump('ifNotEqual', 0, 'drop'),
  ];
}

/** As it is loaded: the host is little endian, the wire big. */
const onWire = {
  half: (value: number) => ((value & 0xff) << 8) | (value >> 8),
  word: (bytes: Uint8Array, at = 0) => viewOf(bytes).getUint32(at, true),
};

/**
 * A BPF_PROG_TYPE_SCHED_CLS program of direct action. It passes frames of this MAC address that are IPv4 of these addresses, or of none
 * to a DHCP server; ARP that tells these addresses alone; IPv6 of these addresses whose neighbour advertisements are about them. Neither
 * router advertisements and redirects, nor tags of VLANs, nor other protocols. Returns an array of `struct bpf_insn`, little endian.
 */
export function compileFilter(names: FilterNames): Uint8Array {
  return encode([
    { code: CODE.move, to: FRAME, from: ARGUMENT },
    field(RESULT, FIELD.vlanPresent),
    jump('ifNotEqual', 0, 'drop'),
    field(LENGTH, FIELD.length),
    ...copy(0, READ.least),
    ...compareMac(AT.source, names.mac),
    load('half', AT.protocol),
    jump('ifEqual', onWire.half(ETHERNET.ipv4), 'ipv4'),
    jump('ifEqual', onWire.half(ETHERNET.arp), 'arp'),
    jump('ifEqual', onWire.half(ETHERNET.ipv6), 'ipv6'),
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
  return [
    load('word', at),
    jump('ifNotEqual', onWire.word(mac), 'drop'),
    load('half', at + 4),
    jump('ifNotEqual', viewOf(mac).getUint16(4, true), 'drop'),
  ];
}

function compileIpv4(addresses: readonly Uint8Array[]): Line[] {
  const { start, protocol, source, udpDestination } = AT.ipv4;
  return [
    'ipv4',
    load('word', source),
    ...addresses.map((address) => jump('ifEqual', onWire.word(address), 'pass')),
    // Who has none yet asks for one.
    jump('ifNotEqual', 0, 'drop'),
    load('byte', start),
    jump('ifNotEqual', 0x45, 'drop'),
    load('byte', protocol),
    jump('ifNotEqual', UDP, 'drop'),
    load('half', udpDestination),
    jump('ifEqual', onWire.half(DHCP_SERVER), 'pass'),
    go('drop'),
  ];
}

/** Addresses of ARP are at no boundary of a word. */
function compileArp({ mac, ipv4 }: FilterNames): Line[] {
  const { types, lengthsAndOperation, address } = AT.arp;
  return [
    'arp',
    load('word', types),
    jump('ifNotEqual', onWire.word(Uint8Array.of(0, 1, 8, 0)), 'drop'),
    ...compareMac(AT.arp.mac, mac),
    load('half', lengthsAndOperation),
    jump('ifNotEqual', onWire.half(0x0604), 'drop'),
    load('half', address),
    load('half', address + 2, REST),
    ...ipv4.flatMap((own, index): Line[] => {
      const other = `arp is not ${index}`;
      const view = viewOf(own);
      return [
        jump('ifNotEqual', view.getUint16(0, true), other),
        jump('ifEqual', view.getUint16(2, true), 'pass', REST),
        other,
      ];
    }),
    // A probe tells nobody anything.
    jump('ifNotEqual', 0, 'drop'),
    jump('ifNotEqual', 0, 'drop', REST),
    load('half', lengthsAndOperation + 2),
    jump('ifEqual', onWire.half(1), 'pass'),
    go('drop'),
  ];
}

function compileIpv6(addresses: readonly Uint8Array[]): Line[] {
  const { next, source, payload, target, behindHop } = AT.ipv6;
  return [
    'ipv6',
    ...copy(READ.least, READ.ipv6),
    load('byte', next, REST),
    ...matchAddress(source, addresses, 'own'),
    ...[0, 4, 8, 12].flatMap((part) => [load('word', source + part), jump('ifNotEqual', 0, 'drop')]),
    // Without an address: routers are looked for, an own address is tried, groups are joined.
    jump('ifEqual', HOP_BY_HOP, 'hop', REST),
    jump('ifNotEqual', ICMPV6, 'drop', REST),
    load('byte', payload),
    jump('ifEqual', ND.routerSolicitation, 'pass'),
    jump('ifEqual', ND.solicitation, 'about'),
    go('drop'),
    'own',
    jump('ifEqual', HOP_BY_HOP, 'hop', REST),
    ...WRAPPERS.map((number) => jump('ifEqual', number, 'drop', REST)),
    jump('ifNotEqual', ICMPV6, 'pass', REST),
    load('byte', payload),
    jump('ifEqual', ND.advertisement, 'about'),
    jump('ifEqual', ND.routerAdvertisement, 'drop'),
    jump('ifEqual', ND.redirect, 'drop'),
    go('pass'),
    'about',
    ...copy(READ.ipv6, READ.target),
    ...matchAddress(target, addresses, 'pass'),
    go('drop'),
    // Reports of groups are marked for routers by one such header of 8 bytes.
    'hop',
    ...copy(READ.ipv6, READ.behindHop),
    load('half', payload),
    jump('ifNotEqual', onWire.half(ICMPV6 << 8), 'drop'),
    load('byte', behindHop),
    ...GROUP_REPORTS.map((type) => jump('ifEqual', type, 'pass')),
    go('drop'),
  ];
}

/** Goes on behind itself when the address at that place is none of these. */
function matchAddress(at: number, addresses: readonly Uint8Array[], target: string): Line[] {
  return addresses.flatMap((address, index): Line[] => {
    const other = `${at} is not ${index}`;
    // The ends differ most.
    const parts = [12, 8, 4, 0].flatMap((part) => [
      load('word', at + part),
      jump('ifNotEqual', onWire.word(address, part), other),
    ]);
    return [...parts, go(target), other];
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
  // An offset counts from the instruction behind the jump.
  const aim = (target: string, index: number) => (places.get(target) ?? 0) - index - 1;
  return encodeBpf(
    instructions.map(({ target, ...rest }, index) =>
      target === undefined ? rest : { ...rest, offset: aim(target, index) },
    ),
  );
}
