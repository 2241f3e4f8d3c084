import { expect, test } from 'vitest';
import { findLinkOf, listLinks, parseFibTrie, parseIfInet6, parseNetDev } from '../../../src/network/parse-proc-net.js';

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:    5000      40    0    1    0     0          0         3     7000      50    0    0    0     0       0          0
eth0:1:       1       1    0    0    0     0          0         0        2       1    0    0    0     0       0          0
`;

test('links have their counters, and names may hold colons', () => {
  expect(parseNetDev(DEV).map(({ link }) => link)).toEqual(['lo', 'eth0', 'eth0:1']);
  expect(listLinks(DEV)[0]).toEqual({ link: 'eth0', rxBytes: 5000, rxPackets: 40, txBytes: 7000, txPackets: 50 });
  expect(parseNetDev('')).toEqual([]);
});

const FIB = `Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
     +-- 10.1.2.0/24 2 0 2
        |-- 10.1.2.0
           /24 link UNICAST
        |-- 10.1.2.3
           /32 host LOCAL
        |-- 10.1.2.255
           /32 link BROADCAST
Local:
  +-- 10.1.2.0/24 2 0 2
        |-- 10.1.2.3
           /32 host LOCAL
        |-- 192.168.9.1
           /32 host LOCAL
`;

test('IPv4 addresses are those of the namespace itself, each once, without the loopback network', () => {
  expect(parseFibTrie(FIB)).toEqual(['10.1.2.3', '192.168.9.1']);
  expect(parseFibTrie('')).toEqual([]);
});

test('IPv6 addresses that others reach: not link-local ones, not the loopback', () => {
  const text = `fd000000000000000000000000000002 04 40 00 82     eth0
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000007 05 40 00 00     eth1
`;
  expect(parseIfInet6(text)).toEqual([
    { link: 'eth0', address: 'fd00::2' },
    { link: 'eth1', address: '2001:db8::7' },
  ]);
});

test('the link of an IPv4 address is that of its network', () => {
  const routes =
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
    'eth0\t00000000\t0102010A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n' +
    'eth1\t0002010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
  expect(findLinkOf('10.1.2.3', routes)).toBe('eth1');
  expect(findLinkOf('192.168.9.1', routes)).toBeUndefined();
});
