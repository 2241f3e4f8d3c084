import { describe, expect, test } from 'vitest';
import type { InterfaceSpec } from '../../../src/config/spec.js';
import { nameLinks } from '../../../src/network/name-links.js';
import { planNetwork } from '../../../src/network/plan-network.js';
import { FULL, UUID } from '../container/example-specs.js';

function link(changes: Partial<InterfaceSpec> = {}): InterfaceSpec {
  return { type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [], ...changes };
}

const planned = (interfaces: readonly InterfaceSpec[], ownNetwork: boolean) =>
  planNetwork({ name: 'web', interfaces }, ownNetwork, UUID, {});

const IP = { family: 'ipv4', address: '192.0.2.1', prefix: 24 } as const;

describe('nameLinks', () => {
  test('counts only the links without a name inside', () => {
    const names = nameLinks([link(), link({ guestName: 'wan' }), link()], UUID).map(({ guest }) => guest);
    expect(names).toEqual(['eth0', 'wan', 'eth1']);
  });

  test('gives names and addresses that fit, differ, and stay the same', () => {
    const links = nameLinks([link(), link()], UUID);
    expect(links).toEqual(nameLinks([link(), link()], UUID));
    expect(new Set([...links, ...nameLinks([link()], `${UUID}x`)].flatMap(({ host, mac }) => [host, mac])).size).toBe(
      6,
    );
    for (const { host, mac } of links) {
      expect(host).toMatch(/^vc[0-9a-f]{8}$/);
      expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    }
  });

  test('keeps the names that the configuration gives', () => {
    const [named] = nameLinks([link({ targetName: 'web0', guestName: 'lan', mac: '02:00:00:00:00:01' })], UUID);
    expect(named).toMatchObject({ host: 'web0', guest: 'lan', mac: '02:00:00:00:00:01' });
  });

  test('refuses one name twice inside', () => {
    expect(() => nameLinks([link({ guestName: 'eth0' }), link()], UUID)).toThrow(/cannot name interface 'eth0'/);
  });
});

describe('planNetwork', () => {
  test('makes the bridge of the default network once, shared, with an address of its own', () => {
    const { host, link: links } = planned([link(), link()], true);
    expect(host).toEqual([
      { op: 'bridge', name: 'ctrbr0', mac: Uint8Array.of(0x52, 0x54, 0, 0x63, 0x74, 0x72), options: 64 },
    ]);
    expect(links.map((op) => op.op === 'veth' && op.master)).toEqual(['ctrbr0', 'ctrbr0']);
  });

  test('makes no bridge that the configuration names', () => {
    const { host, link: links } = planned([link({ type: 'bridge', source: 'ctrbr0' })], true);
    expect(host).toEqual([]);
    expect(links).toEqual([expect.objectContaining({ op: 'veth', master: 'ctrbr0' })]);
  });

  test('refuses other networks', () => {
    expect(() => planned([link({ source: 'isolated' })], true)).toThrow(
      expect.objectContaining({ code: 'CTR_UNSUPPORTED', message: expect.stringContaining("network 'isolated'") }),
    );
  });

  test('sets addresses and routes of the host’s end for ethernet only', () => {
    const host = { hostIps: [IP], hostRoutes: FULL.interfaces[1]?.hostRoutes ?? [] };
    expect(planned([link({ type: 'ethernet', ...host })], true).link.map(({ op }) => op)).toEqual([
      'veth',
      'host-address',
      'host-route',
    ]);
    expect(planned([link(host)], true).link.map(({ op }) => op)).toEqual(['veth']);
  });

  test('brings loopback up in a network namespace, and never the host’s', () => {
    expect(planned([], true).init).toEqual([{ op: 'loopback' }]);
    expect(planned([], false).init).toEqual([]);
  });

  test.each([
    ['in a network', link(), true],
    ['in a network, set down', link({ linkState: 'down' }), false],
    ['in a network, set down, with an address', link({ linkState: 'down', ips: [IP] }), true],
    ['on a bridge', link({ type: 'bridge', source: 'br0' }), false],
    ['on a bridge, set up', link({ type: 'bridge', source: 'br0', linkState: 'up' }), true],
    ['on a bridge, with an address', link({ type: 'bridge', source: 'br0', ips: [IP] }), true],
  ])('brings a link %s up: %3$s', (_, spec, isUp) => {
    expect(planned([spec], true).init.some(({ op }) => op === 'link-up')).toBe(isUp);
  });

  test('sets the link up, then its addresses, then the routes', () => {
    const [bridge] = FULL.interfaces;
    const { init } = planned(bridge === undefined ? [] : [bridge], true);
    expect(init).toEqual([
      { op: 'loopback' },
      { op: 'link-up', link: 'eth0' },
      { op: 'address', link: 'eth0', address: Uint8Array.of(192, 0, 2, 10), prefix: 24, peer: new Uint8Array() },
      { op: 'route', destination: new Uint8Array(4), prefix: 0, gateway: Uint8Array.of(192, 0, 2, 1), metric: 0 },
    ]);
  });
});
