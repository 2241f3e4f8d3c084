import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const LAN = `<network><name>lan</name><forward mode='nat'/><bridge name='lanbr'/>
  <domain name='lan.internal' localOnly='yes'/>
  <dns><txt name='note.lan.internal' value='hello'/><host ip='10.77.0.5'><hostname>printer</hostname></host></dns>
  <ip address='10.77.0.1' prefix='24'><dhcp><range start='10.77.0.100' end='10.77.0.150'/>
    <host mac='52:54:00:00:00:99' name='fixed' ip='10.77.0.9'/></dhcp></ip>
  <ip family='ipv6' address='fd77::1' prefix='64'/></network>`;
const STRANGER = '52:54:00:00:00:98';

/** What udhcpc runs: takes the address, and says it. */
const SCRIPT = `#!/bin/busybox sh
case $1 in
bound) /bin/busybox ip addr flush dev $interface; /bin/busybox ip addr add $ip/$mask dev $interface; echo "$ip $router $dns $domain" > /lease ;;
esac
`;

async function define(rig: Rig, host: NetworkHost, name: string, mac = ''): Promise<void> {
  const rootfs = rig.makeRoot();
  writeFileSync(join(rootfs, 'udhcpc.sh'), SCRIPT, { mode: 0o755 });
  const devices = `<interface type='network'><source network='lan'/>${mac === '' ? '' : `<mac address='${mac}'/>`}</interface>`;
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs, devices })));
}

const inside = (host: NetworkHost, name: string, ...command: string[]) =>
  host.ctr(['enter', name, '--', '/bin/busybox', ...command]);

const askForAddress = (host: NetworkHost, name: string, ...options: string[]) =>
  inside(host, name, 'udhcpc', '-i', 'eth0', '-q', '-n', '-f', '-s', '/udhcpc.sh', ...options);

const leasesOf = async (host: NetworkHost): Promise<Record<string, string>[]> =>
  JSON.parse(await host.ctrOk('net', 'leases', 'lan', '--json'));

const lacks = lacksProgram('dnsmasq');

describe.skipIf(lacks !== undefined)('a network that lends addresses', () => {
  networkTest('gives a client inside the address that the container has, and lists it', async ({ host, rig }) => {
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN));
    await define(rig, host, 'c');
    await host.ctrOk('start', 'c');
    const { addresses, mac } = JSON.parse(await host.ctrOk('net', 'info', 'lan', '--json')).containers[0];
    expect(await askForAddress(host, 'c')).toMatchObject({ status: 0 });
    expect((await inside(host, 'c', 'cat', '/lease')).stdout).toBe(
      `${addresses[0]} 10.77.0.1 10.77.0.1 lan.internal\n`,
    );
    expect(await leasesOf(host)).toMatchObject([{ address: addresses[0], mac, container: 'c' }]);
    expect(await host.ctrOk('net', 'leases', 'lan')).toMatch(new RegExp(`${mac}\\s+${addresses[0]}\\s+c\\s`));
    expect((await inside(host, 'c', 'nslookup', 'printer', '10.77.0.1')).stdout).toContain('10.77.0.5');
    await host.ctrOk('destroy', 'c');
    await host.ctrOk('undefine', 'c');
    await host.ctrOk('net', 'start', 'lan');
    expect(await leasesOf(host)).toEqual([]);
    await host.ctrOk('net', 'stop', 'lan');
  });

  networkTest('lends to a stranger without the name he claims, and forgets him by prune', async ({ host, rig }) => {
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN));
    for (const name of ['c', 'victim']) await define(rig, host, name);
    await host.ctrOk('start', 'c', 'victim');
    for (const words of ['down', `address ${STRANGER}`, 'up'])
      await inside(host, 'c', 'ip', 'link', 'set', 'eth0', ...words.split(' '));
    expect(await askForAddress(host, 'c', '-x', 'hostname:victim')).toMatchObject({ status: 0 });
    const [lease] = await leasesOf(host);
    expect(lease).toMatchObject({ mac: STRANGER });
    expect(lease).not.toHaveProperty('container');
    expect(lease?.address).toMatch(/^10\.77\.0\.1[0-5]\d$/);
    expect((await inside(host, 'victim', 'nslookup', 'victim.lan.internal')).stdout).not.toContain(lease?.address);
    expect(await host.ctrOk('net', 'leases', 'lan', '--prune', '--json')).toBe('[]\n');
    await host.ctrOk('destroy', 'c', 'victim');
  });

  networkTest(
    'gives a container the address that its definition promises to the MAC address',
    async ({ host, rig }) => {
      await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN));
      await define(rig, host, 'c', '52:54:00:00:00:99');
      await host.ctrOk('start', 'c');
      expect((await inside(host, 'c', 'ip', '-4', '-o', 'addr', 'show', 'eth0')).stdout).toContain(' 10.77.0.9/24 ');
      expect(await askForAddress(host, 'c')).toMatchObject({ status: 0 });
      expect((await inside(host, 'c', 'cat', '/lease')).stdout).toMatch(/^10\.77\.0\.9 /);
      await host.ctrOk('destroy', 'c');
    },
  );

  networkTest('is refused without dnsmasq, and default comes without names and says so', async ({ host, rig }) => {
    await host.sh('p=$(command -v dnsmasq); for f in $p /usr/sbin/dnsmasq; do mount --bind /dev/null $f; done');
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', LAN));
    const refused = await host.ctr(['net', 'start', 'lan']);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/dnsmasq.*is not there\nhint: apt-get install dnsmasq-base\n/),
    ]);
    expect((await host.ctr(['net', 'start', 'default'])).stderr).toMatch(
      /network 'default' has no names: dnsmasq is not there/,
    );
    expect(await host.ctrOk('net', 'info', 'default')).toMatch(/names\s+none: dnsmasq is not there/);
    expect((await host.ctr(['check'])).stdout).toMatch(/dnsmasq\s.*no names and DHCP/);
    await host.ctrOk('net', 'stop', 'default');
  });
});
