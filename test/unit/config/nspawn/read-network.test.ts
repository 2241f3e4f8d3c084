import { describe, expect, test } from 'vitest';
import { isLinkName } from '../../../../src/config/nspawn/parse-names.js';
import type { InterfaceSpec } from '../../../../src/config/spec.js';
import { faultsOf, specOf } from './read-text.js';

const linksOf = (lines: string, name = 'web') => specOf(`[Network]\n${lines}`, { name }).interfaces;
const short = ({ type, source, targetName, guestName }: InterfaceSpec) =>
  [type, source, targetName, guestName].filter((word) => word !== undefined).join(' ');

describe('links', () => {
  test.each([
    ['VirtualEthernet=yes', ['ethernet ve-web host0']],
    ['Bridge=br0', ['bridge br0 vb-web host0']],
    ['Bridge=br0\nVirtualEthernet=no', ['bridge br0 vb-web host0']],
    ['Zone=lab', ['bridge vz-lab vb-web host0']],
    ['VirtualEthernetExtra=a:b\nVirtualEthernetExtra=c', ['ethernet a b', 'ethernet c c']],
    ['Interface=eth1 eth2:lan0', ['phys eth1 eth1', 'phys eth2 lan0']],
    ['MACVLAN=eth1\nMACVLAN=eth2:lan0', ['direct eth1 mv-eth1', 'direct eth2 lan0']],
    ['IPVLAN=eth1', ['ipvlan eth1 iv-eth1']],
    ['Private=yes', []],
    ['Bridge=br0\nBridge=', []],
  ])('%j', (lines, links) => expect(linksOf(`${lines}\n`).map(short)).toEqual(links));

  test('only a zone makes its bridge', () => {
    expect(linksOf('Zone=lab\n')[0]?.bridgeOnDemand).toBe(true);
    expect(linksOf('Bridge=br0\n')[0]?.bridgeOnDemand).toBeUndefined();
  });

  test('macvlan links see each other, ipvlan links are on layer 2', () => {
    expect(linksOf('MACVLAN=eth1\nIPVLAN=eth1\n').map(({ mode }) => mode)).toEqual(['bridge', 'l2']);
  });

  test('a network of its own follows from links, or is asked for', () => {
    expect(specOf('[Network]\nPrivate=yes\n').features.privnet).toBe(true);
    expect(specOf('[Network]\nPrivate=no\nZone=lab\n').interfaces).toHaveLength(1);
  });

  test('names that are too long are shortened and stay apart', () => {
    const [first, second] = ['a', 'b'].map(
      (end) => linksOf('Bridge=br0\n', `a-long-name-of-${end}`)[0]?.targetName ?? '',
    );
    expect(first).toMatch(/^vb-a-long-n/);
    expect(first).not.toBe(second);
    expect(isLinkName(first ?? '')).toBe(true);
    expect(linksOf('MACVLAN=fifteen-letters\n')[0]?.guestName).toMatch(/^mv-fifteen-.{4}$/);
  });

  test.each([
    ['VirtualEthernetExtra=a/b', 'warning'],
    ['VirtualEthernetExtra=a:b:c', 'warning'],
    ['Bridge=a b', 'warning'],
    ['Zone=averyveryverylongname', 'warning'],
    ['Interface=a/b', 'error'],
    ['MACVLAN=eth0:0123456789abcdef', 'error'],
    ['IPVLAN=a:b:c', 'error'],
  ])('%s is a %s', (line, severity) => {
    expect(faultsOf(`[Network]\n${line}\n`)).toEqual([expect.stringMatching(new RegExp(`^2:\\d+ ${severity}: `))]);
  });
});

describe('ports', () => {
  test.each([
    ['80', { protocol: 'tcp', host: 80, container: 80 }],
    ['tcp:8080:80', { protocol: 'tcp', host: 8080, container: 80 }],
    ['udp:53', { protocol: 'udp', host: 53, container: 53 }],
  ])('%s', (value, port) => expect(specOf(`[Network]\nPrivate=yes\nPort=${value}\n`).ports).toEqual([port]));

  test.each(['0', '65536', '-1', ':8080', '8080:', 'icmp:8', 'tcp:', '1:2:3', '1 2', ''])(
    'Port=%s is ignored',
    (value) => {
      expect(faultsOf(`[Network]\nPrivate=yes\nPort=${value}\n`)).toEqual([
        expect.stringMatching(/^3:6 warning: 'Port' must be/),
      ]);
    },
  );

  test('a port of the host leads to one place', () => {
    const text = '[Network]\nPrivate=yes\nPort=80\nPort=tcp:80:81\nPort=udp:80\n';
    expect(faultsOf(text)).toEqual(["4:6 warning: 'Port' has port 80 of tcp a second time: ignored"]);
  });
});
