import { discovery, type Frame, frame, listHeard } from '../rig/frames.js';
import { describe, domainXml, expect } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

interface Neighbour {
  readonly pid: number;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly local: string;
}

const CLEAN = "<filterref filter='clean-traffic'/>";

async function start(rig: Rig, host: NetworkHost, name: string, filter: string): Promise<Neighbour> {
  const devices = `<interface type='network'><source network='default'/>${filter}</interface>`;
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices })));
  await host.ctrOk('start', name);
  const { pid } = JSON.parse(await host.ctrOk('info', name, '--json')) as { pid: number };
  const text = await host.sh(`nsenter -t ${pid} -n ip addr show eth0`);
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
  return {
    pid,
    mac: find(/ether (\S+)/),
    ipv4: find(/inet ([^/]+)/),
    ipv6: find(/inet6 (fd[^/]+)/),
    local: find(/inet6 (fe80[^/]+)/),
  };
}

/** What only who lies sends, and what each container sends. */
function listFrames(own: Neighbour, other: Neighbour): { lies: readonly Frame[]; truths: readonly Frame[] } {
  const { mac } = own;
  const wrapped = `3a00000000000000${discovery(136, other.ipv6)}`;
  return {
    lies: [
      frame.arp(mac, { mac, ip: other.ipv4 }),
      frame.arp(mac, { mac: other.mac, ip: other.ipv4 }),
      frame.arp(mac, { mac: other.mac, ip: own.ipv4 }),
      frame.arp(other.mac, { mac: other.mac, ip: other.ipv4 }),
      frame.arp(mac, { mac, ip: other.ipv4, operation: 1 }),
      frame.arp(mac, { mac, ip: '0.0.0.0' }),
      frame.ipv4(mac, other.ipv4),
      frame.ipv4(other.mac, own.ipv4),
      frame.ipv4(mac, '0.0.0.0'),
      frame.ipv6(mac, other.ipv6, '3b', '00'.repeat(8)),
      frame.ipv6(mac, other.local, '3b', '00'.repeat(8)),
      frame.ipv6(mac, own.ipv6, '3a', discovery(136, other.ipv6)),
      frame.ipv6(mac, own.local, '3a', discovery(136, other.local)),
      frame.ipv6(mac, '::', '3a', discovery(135, other.ipv6)),
      frame.ipv6(mac, own.local, '3a', discovery(134, own.local)),
      frame.ipv6(mac, own.local, '3a', discovery(137, other.ipv6)),
      frame.ipv6(mac, own.ipv6, '00', wrapped),
      frame.ipv6(mac, own.ipv6, '3c', wrapped),
      frame.other(mac, '88cc'),
      frame.tagged(frame.ipv4(mac, own.ipv4)),
    ],
    truths: [
      frame.arp(mac, { mac, ip: own.ipv4 }),
      frame.arp(mac, { mac, ip: '0.0.0.0', operation: 1 }),
      frame.ipv4(mac, own.ipv4),
      frame.ipv4(mac, '0.0.0.0', '00440043'),
      frame.ipv6(mac, own.ipv6, '3b', '00'.repeat(8)),
      frame.ipv6(mac, own.local, '3a', discovery(136, own.local)),
      frame.ipv6(mac, own.ipv6, '3a', discovery(136, own.ipv6)),
      frame.ipv6(mac, own.local, '3a', discovery(135, other.ipv6)),
      frame.ipv6(mac, '::', '3a', discovery(135, own.ipv6)),
      frame.ipv6(mac, '::', '00', `3a000502000001008f00${'00'.repeat(6)}`),
    ],
  };
}

const placesOf = (list: readonly unknown[]) => [...list.keys()];

describe('a container whose traffic is filtered', () => {
  networkTest('speaks as itself alone, and is understood', async ({ host, rig, skip }) => {
    const lack = lacksProgram('perl');
    if (lack !== undefined) skip(lack);
    const [liar, near] = [await start(rig, host, 'liar', CLEAN), await start(rig, host, 'near', '')];
    const { lies, truths } = listFrames(liar, near);
    const last = frame.arp(liar.mac, { mac: liar.mac, ip: liar.ipv4 });
    expect(await listHeard(host, liar.pid, near.pid, lies, last)).toEqual([]);
    expect(await listHeard(host, liar.pid, near.pid, truths, last)).toEqual(placesOf(truths));
    const { lies: allowed } = listFrames(near, liar);
    const open = frame.arp(near.mac, { mac: near.mac, ip: near.ipv4 });
    expect(await listHeard(host, near.pid, liar.pid, allowed, open)).toEqual(placesOf(allowed));
    for (const address of [OUTSIDE.world, near.ipv4, OUTSIDE.world6, near.ipv6])
      await host.sh(`nsenter -t ${liar.pid} -n busybox ping -c1 -W2 ${address}`);
    await host.sh(`nsenter -t ${near.pid} -n busybox ping -c1 -W2 ${liar.ipv6}`);
    await host.ctrOk('destroy', 'liar', 'near');
  });

  networkTest('is one that bootstrap makes', async ({ host }) => {
    await host.ctrOk('bootstrap', 'web', '--template', 'busybox');
    expect(await host.ctrOk('dumpxml', 'web')).toContain(CLEAN);
    await host.ctrOk('start', 'web');
    expect(await host.ctr(['enter', 'web', '--', 'ping', '-c1', '-W2', OUTSIDE.world])).toMatchObject({ status: 0 });
    await host.ctrOk('destroy', 'web');
    await host.ctrOk('undefine', 'web', '--remove-storage');
  });

  networkTest('may have further addresses, and a limit of bandwidth beside', async ({ host, rig, skip }) => {
    const lack = lacksProgram('perl');
    if (lack !== undefined) skip(lack);
    const parameter = "<parameter name='IP' value='192.0.2.77'/>";
    const both = `<bandwidth><outbound average='100000'/></bandwidth><filterref filter='clean-traffic'>${parameter}</filterref>`;
    const [web, near] = [await start(rig, host, 'web', both), await start(rig, host, 'near', '')];
    const frames = [frame.ipv4(web.mac, '192.0.2.78'), frame.ipv4(web.mac, '192.0.2.77')];
    expect(await listHeard(host, web.pid, near.pid, frames, frame.ipv4(web.mac, web.ipv4))).toEqual([1]);
    await host.ctrOk('destroy', 'web', 'near');
  });

  networkTest('without a known address is refused, and nothing is made', async ({ host, rig }) => {
    await host.sh('ip link add br7 type bridge && ip link set dev br7 up');
    const devices = `<interface type='bridge'><source bridge='br7'/>${CLEAN}</interface>`;
    await host.ctrOk('define', rig.writeFile('web.xml', domainXml({ name: 'web', rootfs: rig.makeRoot(), devices })));
    const { status, stderr } = await host.ctr(['start', 'web']);
    expect(status).toBe(1);
    expect(stderr).toContain("cannot filter what 'eth0' sends: nothing says which addresses it has");
  });
});
