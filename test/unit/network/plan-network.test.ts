import { describe, expect, test } from 'vitest';
import type { InterfaceSpec } from '../../../src/config/spec.js';
import type { JoinedNetwork } from '../../../src/network/joined-network.js';
import { nameLinks } from '../../../src/network/name-links.js';
import { planNetwork } from '../../../src/network/plan-network.js';
import { FULL, UUID } from '../container/example-specs.js';
import { joinedNetworks } from './joined.js';

function link(changes: Partial<InterfaceSpec> = {}): InterfaceSpec {
  return { type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [], ...changes };
}

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
  const JOINED: JoinedNetwork = {
    name: 'default',
    plan: { dir: '/run/ctr/networks/default', stamp: '0123456789abcdef' },
    bridge: 'ctrbr0',
    mtu: 1400,
    ips: [{ family: 'ipv4', address: '10.64.0.2', prefix: 24 }],
    routes: [{ family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '10.64.0.1' }],
    isolated: false,
  };

  test('joins a network before its port is made, with what the network gives', () => {
    const { link: links, init } = planNetwork([link()], true, UUID, new Map([[0, JOINED]]));
    expect(links).toEqual([
      { op: 'network', name: 'default', dir: '/run/ctr/networks/default', stamp: '0123456789abcdef' },
      expect.objectContaining({ op: 'veth', master: 'ctrbr0', mtu: 1400 }),
    ]);
    expect(init.map(({ op }) => op)).toEqual(['loopback', 'link-up', 'address', 'route']);
  });

  test('leads out by the first of several networks', () => {
    const { init } = planNetwork(
      [link(), link()],
      true,
      UUID,
      new Map([
        [0, JOINED],
        [1, JOINED],
      ]),
    );
    expect(init.filter(({ op }) => op === 'route')).toHaveLength(1);
  });

  test('joins no network for a bridge of the host', () => {
    const { link: links } = planNetwork([link({ type: 'bridge', source: 'br0' })], true, UUID);
    expect(links).toEqual([expect.objectContaining({ op: 'veth', master: 'br0' })]);
  });

  test('refuses a network that was not joined', () => {
    expect(() => planNetwork([link({ source: 'isolated' })], true, UUID)).toThrow(
      expect.objectContaining({ code: 'CTR_UNSUPPORTED', message: expect.stringContaining("network 'isolated'") }),
    );
  });

  test('sets addresses and routes of the host’s end for ethernet only', () => {
    const host = { hostIps: [IP], hostRoutes: FULL.interfaces[1]?.hostRoutes ?? [] };
    expect(planNetwork([link({ type: 'ethernet', ...host })], true, UUID).link.map(({ op }) => op)).toEqual([
      'veth',
      'host-address',
      'host-route',
    ]);
    const joined = new Map([[0, { ...JOINED, plan: undefined } as unknown as JoinedNetwork]]);
    expect(planNetwork([link(host)], true, UUID, joined).link.map(({ op }) => op)).toEqual(['veth']);
  });

  test('brings loopback up in a network namespace, and never the host’s', () => {
    expect(planNetwork([], true, UUID).init).toEqual([{ op: 'loopback' }]);
    expect(planNetwork([], false, UUID).init).toEqual([]);
  });

  test.each([
    ['in a network', link(), true],
    ['in a network, set down', link({ linkState: 'down' }), false],
    ['in a network, set down, with an address', link({ linkState: 'down', ips: [IP] }), true],
    ['on a bridge', link({ type: 'bridge', source: 'br0' }), false],
    ['on a bridge, set up', link({ type: 'bridge', source: 'br0', linkState: 'up' }), true],
    ['on a bridge, with an address', link({ type: 'bridge', source: 'br0', ips: [IP] }), true],
  ])('brings a link %s up: %3$s', (_, spec, isUp) => {
    expect(
      planNetwork([spec], true, UUID, joinedNetworks({ interfaces: [spec] })).init.some(({ op }) => op === 'link-up'),
    ).toBe(isUp);
  });

  test('sets the link up, then its addresses, then the routes', () => {
    const [bridge] = FULL.interfaces;
    const { init } = planNetwork(bridge === undefined ? [] : [bridge], true, UUID);
    expect(init).toEqual([
      { op: 'loopback' },
      { op: 'link-up', link: 'eth0' },
      { op: 'address', link: 'eth0', address: Uint8Array.of(192, 0, 2, 10), prefix: 24, peer: new Uint8Array() },
      { op: 'route', destination: new Uint8Array(4), prefix: 0, gateway: Uint8Array.of(192, 0, 2, 1), metric: 0 },
    ]);
  });
});

describe('ports of the host', () => {
  const network = { name: 'lan', bridge: 'lanbr', ips: [IP], routes: [], isolated: false, takesPorts: true };
  const port = { protocol: 'tcp', host: 8080, container: 80 } as const;
  const plan = (joined: Partial<JoinedNetwork>, ports: Parameters<typeof planNetwork>[4]) =>
    planNetwork([link()], true, UUID, new Map([[0, { ...network, ...joined }]]), ports).link;

  test('lead to the address that the network gives, behind the link', () => {
    expect(plan({}, [port]).at(-1)).toEqual({
      op: 'network-port',
      table: 'ctr-lan',
      protocol: 6,
      host: new Uint8Array(4),
      port: 8080,
      address: Uint8Array.of(192, 0, 2, 1),
      target: 80,
    });
  });

  test('are refused where no address takes them, and twice', () => {
    expect(() => plan({ takesPorts: false }, [port])).toThrow(/cannot open port 8080 of the host: it leads to/);
    expect(() => plan({}, [{ ...port, address: '::1' }])).toThrow(/no address of that family/);
    expect(() => plan({}, [port, port])).toThrow(/twice/);
  });
});
