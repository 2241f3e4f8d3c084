import { describe, domainXml, expect, slow } from '../rig/index.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const IN_DEFAULT = "<interface type='network'><source network='default'/></interface>";

async function define(rig: Rig, host: NetworkHost, name: string, devices = IN_DEFAULT): Promise<void> {
  const file = rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices }));
  await host.ctrOk('define', file);
}

const inside = (host: NetworkHost, name: string, ...command: string[]) =>
  host.ctr(['enter', name, '--', '/bin/busybox', ...command]);

async function addressOf(host: NetworkHost, name: string): Promise<string> {
  const { stdout } = await inside(host, name, 'ip', '-4', '-o', 'addr', 'show', 'eth0');
  return /inet (\S+?)\//.exec(stdout)?.[1] ?? '';
}

describe('the network default', () => {
  networkTest('gives a container an address, a route and the world, the moment init runs', async ({ host, rig }) => {
    await define(rig, host, 'web');
    await host.ctrOk('start', 'web');
    const address = await addressOf(host, 'web');
    expect(address).toMatch(/^(10|172|192)\./);
    expect((await inside(host, 'web', 'ip', 'route')).stdout).toMatch(/^default via \S+ dev eth0/m);
    expect((await inside(host, 'web', 'ip', '-6', 'addr', 'show', 'eth0')).stdout).toMatch(/inet6 fd\S+\/64/);
    expect(await inside(host, 'web', 'ping', '-c1', '-W2', OUTSIDE.world)).toMatchObject({ status: 0 });
    expect(await inside(host, 'web', 'ping', '-6', '-c1', '-W2', OUTSIDE.world6)).toMatchObject({ status: 0 });
    await host.sh(`busybox ping -c1 -W2 ${address}`);
    const [link = ''] = /vc[0-9a-f]{8}/.exec(await host.sh('ip -br link show master ctrbr0')) ?? [];
    const [mac = ''] = /(?<=ether )\S+/.exec((await inside(host, 'web', 'ip', 'link', 'show', 'eth0')).stdout) ?? [];
    expect(await host.ctrOk('net', 'info', 'default')).toContain(`${mac} ${link}`);
    expect(await host.ctrOk('info', 'web')).toMatch(
      new RegExp(`^interface +eth0  default  ${link}  ${mac}  rx .*, tx `, 'm'),
    );
    const columns = await host.ctrOk('list', '--fancy', '--columns', 'name,ipv4,link,mac,rx,tx');
    expect(columns.split('\n')[1]).toMatch(new RegExp(`^web +${address} +${link} +${mac} +\\S+ +\\S+$`));
    await host.ctrOk('destroy', 'web');
  });

  networkTest('goes on while limits are set, and after a reboot with them', async ({ host, rig }) => {
    const init = "trap 'reboot -f' USR1\nwhile :; do usleep 20000; done\n";
    const definition = domainXml({ name: 'web', rootfs: rig.makeRoot(init), devices: IN_DEFAULT, onReboot: 'restart' });
    await host.ctrOk('define', rig.writeFile('web.xml', definition));
    await host.ctrOk('start', 'web');
    const address = await addressOf(host, 'web');
    expect(await host.ctrOk('set', 'web', '--live', 'pids=90')).toBe("set pids=90 of 'web' as it runs\n");
    process.kill(Number((await rig.info('web')).pid), 'SIGUSR1');
    await expect.poll(async () => (await rig.info('web')).restarts, { timeout: slow(10_000) }).toBe(1);
    expect(await addressOf(host, 'web')).toBe(address);
    await host.ctrOk('destroy', 'web');
  });

  networkTest('connects neighbours, keeps addresses over restarts, and goes with the last', async ({ host, rig }) => {
    for (const name of ['a', 'b']) await define(rig, host, name);
    await host.ctrOk('start', 'a', 'b');
    const [a, b] = [await addressOf(host, 'a'), await addressOf(host, 'b')];
    expect(a).not.toBe(b);
    expect(await inside(host, 'a', 'ping', '-c1', '-W2', b)).toMatchObject({ status: 0 });
    await host.ctrOk('destroy', 'a');
    expect(await host.sh('ip -br link')).toContain('ctrbr0');
    await host.ctrOk('destroy', 'b');
    expect(await host.sh('ip -br link')).not.toContain('ctrbr0');
    expect(await host.sh('nft list tables')).not.toContain('ctr');
    await host.ctrOk('start', 'b');
    expect(await addressOf(host, 'b')).toBe(b);
    await host.ctrOk('destroy', 'b');
  });

  networkTest('is left by undefine: its address is free again', async ({ host, rig }) => {
    await define(rig, host, 'a');
    await host.ctrOk('start', 'a');
    const address = await addressOf(host, 'a');
    await host.ctrOk('destroy', 'a');
    await host.ctrOk('undefine', 'a');
    await define(rig, host, 'b');
    await host.ctrOk('start', 'b');
    expect(await addressOf(host, 'b')).toBe(address);
    await host.ctrOk('destroy', 'b');
  });

  networkTest('stays while somebody has started it', async ({ host, rig }) => {
    await define(rig, host, 'a');
    await host.ctrOk('net', 'start', 'default');
    await host.ctrOk('start', 'a');
    await host.ctrOk('destroy', 'a');
    expect(await host.ctrOk('net', 'list')).toMatch(/default\s+active/);
    await host.ctrOk('net', 'stop', 'default');
    expect(await host.sh('ip -br link')).not.toContain('ctrbr0');
  });
});

describe('a network of its own', () => {
  const LAN = `<network><name>lan</name><bridge name='lanbr' stp='on' delay='0'/>
    <ip address='10.77.0.1' prefix='24'/></network>`;

  networkTest('is defined, started, listed, printed and undefined', async ({ host, rig }) => {
    expect(await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN))).toBe("defined network 'lan'\n");
    expect(await host.ctrOk('net', 'dumpxml', 'lan')).toMatch(/<uuid>.*<bridge name='lanbr' stp='on' delay='0'\/>/s);
    await host.ctrOk('net', 'start', 'lan');
    expect(await host.sh('ip -br addr show lanbr')).toContain('10.77.0.1/24');
    expect(JSON.parse(await host.ctrOk('net', 'info', 'lan', '--json'))).toMatchObject({
      active: true,
      bridge: 'lanbr',
    });
    await host.ctrOk('net', 'stop', 'lan');
    await host.ctrOk('net', 'undefine', 'lan');
    expect(await host.ctrOk('net', 'list', '--all')).not.toContain('lan');
  });

  networkTest('without <forward> leads nowhere but to its neighbours', async ({ host, rig }) => {
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN));
    for (const name of ['a', 'b'])
      await define(rig, host, name, "<interface type='network'><source network='lan'/></interface>");
    await host.ctrOk('start', 'a', 'b');
    expect(await inside(host, 'a', 'ping', '-c1', '-W2', await addressOf(host, 'b'))).toMatchObject({ status: 0 });
    await inside(host, 'a', 'ip', 'route', 'add', 'default', 'via', '10.77.0.1');
    expect((await inside(host, 'a', 'ping', '-c1', '-W1', OUTSIDE.world)).status).not.toBe(0);
    await host.ctrOk('destroy', 'a', 'b');
  });

  networkTest('that overlaps a route of the host is refused, and makes nothing', async ({ host, rig }) => {
    const text = LAN.replace('10.77.0.1', '198.51.100.77');
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', text));
    const { status, stderr } = await host.ctr(['net', 'start', 'lan']);
    expect(status).toBe(1);
    expect(stderr).toContain("the host reaches 198.51.100.0/24 by 'up0', which overlaps 198.51.100.77/24");
    expect(await host.sh('ip -br link')).not.toContain('lanbr');
  });
});
