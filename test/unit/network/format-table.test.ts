import { describe, expect, test } from 'vitest';
import type { ForwardSpec, NetworkSpec } from '../../../src/config/spec.js';
import { formatTable, takesPorts } from '../../../src/network/format-table.js';

function network(forward: ForwardSpec, isolated = false): NetworkSpec {
  return {
    name: 'lan',
    bridge: { stp: false, delaySeconds: 0 },
    dns: { enabled: true, forwardPlainNames: true, forwarders: [], hosts: [], txt: [], srv: [] },
    ips: [
      { family: 'ipv4', address: '10.77.0.1', prefix: 24 },
      { family: 'ipv6', address: 'fd00:77::1', prefix: 64 },
    ],
    routes: [],
    forward,
    isolated,
  };
}

describe('formatTable', () => {
  test('replaces a table of its own in one transaction, and names no other', () => {
    const text = formatTable(network({ mode: 'nat' }), 'lanbr');
    expect(text).toMatch(/^add table inet ctr-lan\ndelete table inet ctr-lan\ntable inet ctr-lan \{/);
    expect(text.match(/\btable \S+ \S+/g)).toHaveLength(3);
    expect(text).not.toContain('flush');
  });

  test('translates IPv6 only where that is asked for', () => {
    expect(formatTable(network({ mode: 'nat' }), 'lanbr')).not.toMatch(/ip6 saddr \S+ ip6 daddr .*masquerade/);
    const both = formatTable(network({ mode: 'nat', nat: { ipv6: true } }), 'lanbr');
    expect(both).toMatch(/ip6 saddr fd00:77::\/64 ip6 daddr != fd00:77::\/64 masquerade/);
  });

  test('has maps of ports where the world may come in by them', () => {
    expect(formatTable(network({ mode: 'route' }), 'lanbr')).toContain('map ports4at');
    expect(formatTable(network({ mode: 'none' }), 'lanbr')).not.toContain('map');
    expect(
      (['nat', 'route', 'open', 'none', 'bridge'] as const).filter((mode) => takesPorts({ forward: { mode } })),
    ).toEqual(['nat', 'route']);
  });

  test('keeps isolated neighbours apart before it accepts anything but ports', () => {
    const rules = formatTable(network({ mode: 'nat' }, true), 'lanbr').split('chain forward')[1] ?? '';
    const accepted = rules.indexOf(' saddr');
    const dropped = rules.indexOf('iifname "lanbr" oifname "lanbr" drop');
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(accepted);
    expect(rules).not.toContain('oifname "lanbr" accept\n\t\tiifname');
  });

  test('is empty for an open network, unless its ports are isolated', () => {
    expect(formatTable(network({ mode: 'open' }), 'lanbr')).toBe('');
    expect(formatTable(network({ mode: 'open' }, true), 'lanbr')).toContain('drop');
  });
});
