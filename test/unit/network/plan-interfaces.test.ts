import { describe, expect, test } from 'vitest';
import type { InterfaceSpec } from '../../../src/config/spec.js';
import type { JoinedNetwork } from '../../../src/network/joined-network.js';
import { planBandwidth } from '../../../src/network/plan-bandwidth.js';
import { planNetwork } from '../../../src/network/plan-network.js';
import { UUID } from '../container/example-specs.js';

function link(changes: Partial<InterfaceSpec>): InterfaceSpec {
  return { type: 'ethernet', ips: [], routes: [], hostIps: [], hostRoutes: [], ...changes };
}

const JOINED: JoinedNetwork = { name: 'lan', bridge: 'lanbr', ips: [], routes: [], isolated: false };
const plan = (spec: InterfaceSpec, joined?: JoinedNetwork) =>
  planNetwork([spec], true, UUID, new Map(joined === undefined ? [] : [[0, joined]]));
const opsOf = (spec: InterfaceSpec, joined?: JoinedNetwork) => plan(spec, joined).link.map(({ op }) => op);

describe('links without an end on the host', () => {
  test.each([
    [
      { type: 'direct', source: 'nic0', mode: 'passthrough' },
      { op: 'macvlan', mode: 8 },
    ],
    [
      { type: 'direct', source: 'nic0', mode: 'bridge' },
      { op: 'macvlan', mode: 4 },
    ],
    [
      { type: 'direct', source: 'nic0', mode: 'private' },
      { op: 'macvlan', mode: 1 },
    ],
    [
      { type: 'direct', source: 'nic0' },
      { op: 'macvlan', mode: 2 },
    ],
    [
      { type: 'ipvlan', source: 'nic0', mode: 'l3s' },
      { op: 'ipvlan', mode: 2 },
    ],
    [
      { type: 'vlan', source: 'nic0', vlanId: 7 },
      { op: 'vlan', id: 7, mac: new Uint8Array() },
    ],
    [
      { type: 'phys', source: 'nic0', mtu: 1400 },
      { op: 'phys', mtu: 1400, mac: new Uint8Array() },
    ],
  ] as const)('%j is one operation', (spec, op) => {
    const { link: ops } = plan(link({ ...spec, guestName: 'lan' }));
    expect(ops).toEqual([expect.objectContaining({ link: 'nic0', guest: 'lan', ...op })]);
  });

  test.each([{ bandwidth: { inbound: { averageKBytes: 1 } } }, { isolated: true }])(
    'take no rules of the host: %j',
    (rule) => {
      const refused = expect.objectContaining({ code: 'CTR_UNSUPPORTED' });
      expect(() => plan(link({ type: 'phys', source: 'nic0', ...rule }))).toThrow(refused);
    },
  );
});

describe('the end on the host', () => {
  test('has the limits of the interface, else those of its network', () => {
    const slow = { ...JOINED, bandwidth: { outbound: { averageKBytes: 8 } } };
    const own = { bandwidth: { inbound: { averageKBytes: 1, peakKBytes: 2, burstKBytes: 3 } } };
    const [, limit] = plan(link({ type: 'network', source: 'lan', ...own }), slow).link;
    expect(limit).toMatchObject({ op: 'bandwidth', inbound: 1024, inboundPeak: 2048, inboundBurst: 3072, outbound: 0 });
    const [, shared] = plan(link({ type: 'network', source: 'lan' }), slow).link;
    expect(shared).toMatchObject({ op: 'bandwidth', inbound: 0, outbound: 8192 });
    expect(opsOf(link({ type: 'network', source: 'lan' }), JOINED)).toEqual(['veth']);
  });

  test('is isolated when it or its network says so, and only in a bridge', () => {
    expect(opsOf(link({ type: 'bridge', source: 'br0', isolated: true }))).toEqual(['veth', 'bridge-port']);
    expect(opsOf(link({ type: 'network', source: 'lan' }), { ...JOINED, isolated: true })).toEqual([
      'veth',
      'bridge-port',
    ]);
    expect(opsOf(link({ isolated: true }))).toEqual(['veth']);
  });

  test('of a zone is in a bridge that is made once, with one address everywhere', () => {
    const zone = link({ type: 'bridge', source: 'vz-lab', bridgeOnDemand: true });
    const { host } = planNetwork(
      [
        { ...zone, guestName: 'a' },
        { ...zone, guestName: 'b' },
      ],
      true,
      UUID,
    );
    expect(host).toEqual(plan(zone).host);
    expect(host).toEqual([expect.objectContaining({ op: 'bridge', name: 'vz-lab' })]);
    expect(plan(link({ type: 'bridge', source: 'br0' })).host).toEqual([]);
  });
});

test('no speed can be guaranteed', () => {
  expect(() => planBandwidth('lan0', { inbound: { averageKBytes: 0, floorKBytes: 5 } })).toThrow(/guaranteed/);
});
