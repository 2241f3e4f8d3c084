import { describe, expect, test } from 'vitest';
import type { InterfaceSpec, PortSpec } from '../../../src/config/spec.js';
import { planUserLinks } from '../../../src/network/plan-user-network.js';
import type { HostFacts } from '../../../src/system/host-facts.js';

const USER = { uid: 1000, gid: 1000, subordinate: { uid: [], gid: [] } };
const PASTA = { kind: 'pasta', path: '/usr/bin/pasta' } as const;
const SLIRP = { kind: 'slirp4netns', path: '/usr/bin/slirp4netns' } as const;

const link = (changes: Partial<InterfaceSpec> = {}): InterfaceSpec => ({
  ...{ type: 'user', ips: [], routes: [], hostIps: [], hostRoutes: [] },
  ...changes,
});

interface Asked {
  readonly links?: readonly InterfaceSpec[];
  readonly ports?: readonly PortSpec[];
  readonly host?: Pick<HostFacts, 'user' | 'userNetwork'>;
}

function plan({ links = [link()], ports = [], host = { user: USER, userNetwork: PASTA } }: Asked): string[] {
  const ops = planUserLinks({ name: 'web', interfaces: links, ports }, 'uuid', host);
  const [op] = ops;
  if (op?.op !== 'user-network' || ops.length !== 1) throw new Error('no program alone');
  return [op.program, ...Buffer.from(op.args).toString().split('\0').slice(0, -1)];
}

/** The values of an option. */
const valuesOf = (words: readonly string[], option: string) =>
  words.flatMap((word, index) => (word === option ? [words[index + 1]] : []));

describe('the network of an ordinary user', () => {
  test('reaches nothing of the loopback link of the host, and no port leads inside', () => {
    const words = plan({});
    expect(words[0]).toBe('/usr/bin/pasta');
    expect(words).toContain('--no-map-gw');
    for (const option of ['-t', '-u', '-T', '-U']) expect(valuesOf(words, option)).toEqual(['none']);
    expect(plan({ host: { user: USER, userNetwork: SLIRP } })).toContain('--disable-host-loopback');
  });

  test('has the ports that are asked for, and those alone', () => {
    const ports: PortSpec[] = [
      { protocol: 'tcp', host: 8080, container: 80 },
      { protocol: 'tcp', host: 8443, container: 443 },
    ];
    const words = plan({ ports });
    expect(valuesOf(words, '-t')).toEqual(['8080:80', '8443:443']);
    expect(valuesOf(words, '-u')).toEqual(['none']);
  });

  test('has the name, the size of packets and the addresses that are asked for', () => {
    const words = plan({
      links: [
        link({
          guestName: 'wan',
          mtu: 1400,
          ips: [{ family: 'ipv4', address: '192.0.2.5', prefix: 24 }],
          routes: [{ family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '192.0.2.1' }],
        }),
      ],
    });
    expect(valuesOf(words, '--ns-ifname')).toEqual(['wan']);
    expect(valuesOf(words, '--mtu')).toEqual(['1400']);
    expect(valuesOf(words, '--address')).toEqual(['192.0.2.5']);
    expect(valuesOf(words, '--netmask')).toEqual(['24']);
    expect(valuesOf(words, '--gateway')).toEqual(['192.0.2.1']);
  });

  test.each<readonly [string, Asked, string, RegExp]>([
    ['no program', { host: { user: USER } }, 'CTR_MISSING_PROGRAM', /pasta or slirp4netns, and neither is installed/],
    ['two interfaces', { links: [link(), link()] }, 'CTR_UNSUPPORTED', /one interface at most/],
    ['root', { host: {} }, 'CTR_UNSUPPORTED', /for an ordinary user's container/],
    ['a link set down', { links: [link({ linkState: 'down' })] }, 'CTR_UNSUPPORTED', /is to stay down/],
    [
      'ports by slirp4netns',
      { ports: [{ protocol: 'udp', host: 53, container: 53 }], host: { user: USER, userNetwork: SLIRP } },
      'CTR_UNSUPPORTED',
      /slirp4netns gives no port/,
    ],
  ])('refuses %s', (_, asked, code, message) => {
    expect(() => plan(asked)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
