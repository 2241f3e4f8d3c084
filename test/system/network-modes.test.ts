import { describe, domainXml, expect, slow } from '../rig/index.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const V4 = "<ip address='10.77.0.1' prefix='24'/>";
const V6 = "<ip family='ipv6' address='fd00:77::1' prefix='64'/>";

/** Two containers of a network. */
async function startPair(rig: Rig, host: NetworkHost, parts: string): Promise<void> {
  const text = `<network><name>lan</name><bridge name='lanbr'/>${parts}${V4}${V6}</network>`;
  await host.ctrOk('net', 'define', rig.writeFile('lan.xml', text));
  const devices = "<interface type='network'><source network='lan'/></interface>";
  for (const name of ['a', 'b'])
    await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices })));
  await host.ctrOk('start', 'a', 'b');
  // That link is a test's own; until both of its ends have their addresses of IPv6 a second may go by.
  await host.outside(`for i in 1 2 3 4 5 6 7 8 9; do busybox ping -6 -c1 -W1 ${OUTSIDE.host6} && break; done`);
  // Who knows the way: networks that are translated must not be reached all the same.
  await host.outside(
    `ip route add 10.77.0.0/24 via ${OUTSIDE.host}; ip -6 route add fd00:77::/64 via ${OUTSIDE.host6}`,
  );
}

interface Ways {
  readonly neighbour: boolean;
  readonly gateway: boolean;
  /** Into the world, and from there inside. */
  readonly out: boolean;
  readonly in: boolean;
}

async function findWays(host: NetworkHost, family: 4 | 6): Promise<Ways> {
  const addresses = async (name: string) =>
    (await host.ctr(['enter', name, '--', '/bin/busybox', 'ip', `-${family}`, '-o', 'addr', 'show', 'eth0'])).stdout;
  const pattern = family === 4 ? /inet (10\.77\S+)\// : /inet6 (fd00:77\S+)\//;
  const [a = '', b = ''] = [await addresses('a'), await addresses('b')].map((text) => pattern.exec(text)?.[1]);
  const ping = (address: string) => ['/bin/busybox', 'ping', `-${family}`, '-c1', '-W1', address];
  const reaches = async (address: string) => (await host.ctr(['enter', 'a', '--', ...ping(address)])).status === 0;
  return {
    neighbour: await reaches(b),
    gateway: await reaches(family === 4 ? '10.77.0.1' : 'fd00:77::1'),
    out: await reaches(family === 4 ? OUTSIDE.world : OUTSIDE.world6),
    in: (await host.outside(`busybox ping -${family} -c1 -W1 ${a}`)).status === 0,
  };
}

const MODES = [
  {
    title: 'nat with both families translated',
    forward: "<forward mode='nat'><nat ipv6='yes'/></forward>",
    v4: { out: true, in: false },
    v6: { out: true, in: false },
  },
  {
    title: 'nat, where IPv6 is routed',
    forward: "<forward mode='nat'/>",
    v4: { out: true, in: false },
    v6: { out: true, in: true },
  },
  { title: 'route', forward: "<forward mode='route'/>", v4: { out: true, in: true }, v6: { out: true, in: true } },
  { title: 'open', forward: "<forward mode='open'/>", v4: { out: true, in: true }, v6: { out: true, in: true } },
  { title: 'no forward', forward: '', v4: { out: false, in: false }, v6: { out: false, in: false } },
] as const;

describe('who reaches whom', () => {
  for (const { title, forward, v4, v6 } of MODES)
    networkTest(`in a network of ${title}`, async ({ host, rig }) => {
      await startPair(rig, host, forward);
      expect(await findWays(host, 4)).toEqual({ neighbour: true, gateway: true, ...v4 });
      expect(await findWays(host, 6)).toEqual({ neighbour: true, gateway: true, ...v6 });
      await host.ctrOk('destroy', 'a', 'b');
      expect(await host.sh('ip -br link; nft list tables')).not.toMatch(/lanbr|ctr/);
    });

  for (const forward of ["<forward mode='nat'><nat ipv6='yes'/></forward>", "<forward mode='open'/>"])
    networkTest(`by way of the host, where ports are isolated: ${forward}`, async ({ host, rig }) => {
      await startPair(rig, host, `${forward}<port isolated='yes'/>`);
      // By /32 the neighbour is behind the gateway: no flag of a port is asked then.
      await host.ctr([
        'enter',
        'a',
        '--',
        '/bin/busybox',
        'sh',
        '-c',
        'busybox ip route add 10.77.0.0/25 via 10.77.0.1',
      ]);
      await host.sh('echo 0 >/proc/sys/net/ipv4/conf/lanbr/send_redirects');
      expect(await findWays(host, 4)).toMatchObject({ neighbour: false, gateway: true, out: true });
      await host.ctrOk('destroy', 'a', 'b');
    });

  networkTest('with addresses and ports of the host that are said', async ({ host, rig }) => {
    await host.sh(`ip addr add 198.51.100.9/24 dev ${OUTSIDE.link}`);
    await startPair(
      rig,
      host,
      "<forward mode='nat'><nat><address start='198.51.100.9' end='198.51.100.9'/><port start='5000' end='5010'/></nat></forward>",
    );
    const server =
      '$s=IO::Socket::INET->new(Listen=>5,LocalPort=>81,ReuseAddr=>1); $c=$s->accept; print $c $c->peerhost,":",$c->peerport,"\\n"; close $c';
    await host.outside(
      `timeout ${slow(20)} perl -MIO::Socket::INET -e '${server}' >/dev/null 2>&1 &
      for i in $(seq 100); do ss -Hlnt 'sport = :81' | grep -q . && break; sleep 0.1; done`,
    );
    const { stdout } = await host.ctr(['enter', 'a', '--', '/bin/busybox', 'nc', OUTSIDE.world, '81']);
    expect(stdout).toMatch(/^198\.51\.100\.9:50(?:0\d|10)$/m);
    await host.ctrOk('destroy', 'a', 'b');
  });
});
