import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, slow } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest } from '../rig/network-host.js';
import { ctrProgram, type Rig } from '../rig/rig.js';

const IN_DEFAULT = "<interface type='network'><source network='default'/></interface>";

/** Gives its root. */
async function define(rig: Rig, host: NetworkHost, name: string, devices = IN_DEFAULT): Promise<string> {
  const rootfs = rig.makeRoot();
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs, devices })));
  return rootfs;
}

const inside = (host: NetworkHost, name: string, ...command: string[]) =>
  host.ctr(['enter', name, '--', '/bin/busybox', ...command]);

async function readInside(host: NetworkHost, name: string, path: string): Promise<string> {
  return (await inside(host, name, 'cat', path)).stdout;
}

const lacks = lacksProgram('dnsmasq');

describe.skipIf(lacks !== undefined)('names in the network default', () => {
  networkTest('lead to neighbours, plain and with the domain', async ({ host }) => {
    for (const name of ['a', 'b']) await host.ctrOk('bootstrap', name, '--template', 'busybox');
    await host.ctrOk('start', 'a', 'b');
    for (const name of ['b', 'b.ctr.internal', 'a'])
      expect(await host.ctr(['enter', 'a', '--', 'ping', '-c1', '-W2', name])).toMatchObject({ status: 0 });
    expect(await host.ctrOk('info', 'a')).toMatch(/resolv\.conf\s+network: \S+ \S+, of the network default/);
    expect(await host.ctrOk('net', 'info', 'default')).toMatch(/names\s+dnsmasq, domain ctr\.internal/);
    await host.ctrOk('destroy', 'a', 'b');
    expect(await host.sh('ss -lnu')).not.toContain(':53');
  });

  networkTest(
    'are found by files of the root, where lines of its user stay and none is written twice',
    async ({ host, rig }) => {
      const root = await define(rig, host, 'web');
      const [hosts, resolv] = [join(root, 'etc/hosts'), join(root, 'etc/resolv.conf')];
      writeFileSync(hosts, '127.0.0.1 localhost\n10.9.9.9 mine # of the user');
      rmSync(resolv, { force: true });
      symlinkSync('../../../../etc/passwd', resolv);
      await host.ctrOk('start', 'web');
      const address = /inet (\S+?)\//.exec(
        (await inside(host, 'web', 'ip', '-4', '-o', 'addr', 'show', 'eth0')).stdout,
      )?.[1];
      const written = readFileSync(hosts, 'utf8');
      expect(written).toContain('127.0.0.1 localhost\n10.9.9.9 mine # of the user\n');
      expect(written).toContain(`\n${address} web.ctr.internal web # by ctr\n`);
      expect(lstatSync(resolv).isFile()).toBe(true);
      expect(readFileSync(resolv, 'utf8')).toMatch(/^search ctr\.internal\nnameserver \S+\.1\nnameserver fd/);
      expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('web\n');
      await host.ctrOk('destroy', 'web');
      const before = lstatSync(hosts).ino;
      await host.ctrOk('start', 'web');
      expect(readFileSync(hosts, 'utf8')).toBe(written);
      expect(lstatSync(hosts).ino).toBe(before);
      await host.ctrOk('destroy', 'web');
      writeFileSync(hosts, `${written}10.1.1.1 other web\n`);
      await host.ctrOk('start', 'web');
      expect(readFileSync(hosts, 'utf8')).toBe(
        '127.0.0.1 localhost\n10.9.9.9 mine # of the user\n10.1.1.1 other web\n',
      );
      await host.ctrOk('destroy', 'web');
    },
  );

  networkTest(
    'S27 are written through no link of the root, and nothing of the host is read through one',
    async ({ host, rig }) => {
      for (const name of ['hosts', 'hostname', 'resolv.conf', '.ctr-new']) {
        const victim = rig.writeFile('victim', '192.0.2.7 precious\n');
        for (const target of [victim, `../../../../../..${victim}`, '/proc/self/root/etc/hostname']) {
          const root = await define(rig, host, 'web');
          const path = join(root, 'etc', name);
          rmSync(path, { force: true });
          symlinkSync(target, path);
          await host.ctrOk('start', 'web');
          expect(readFileSync(victim, 'utf8')).toBe('192.0.2.7 precious\n');
          for (const file of ['hosts', 'hostname', 'resolv.conf'].filter((one) => existsSync(join(root, 'etc', one)))) {
            const stat = lstatSync(join(root, 'etc', file));
            if (stat.isFile()) expect(readFileSync(join(root, 'etc', file), 'utf8')).not.toContain('precious');
          }
          await host.ctrOk('destroy', 'web');
          await host.ctrOk('undefine', 'web');
        }
      }
    },
  );

  networkTest("are bound over a root that is read-only, or the host's own", async ({ host, rig }) => {
    const root = rig.makeRoot();
    writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n');
    writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
    const text = domainXml({ name: 'sealed', rootfs: root, devices: IN_DEFAULT }).replace(
      "<target dir='/'/>",
      "<target dir='/'/><readonly/>",
    );
    await host.ctrOk('define', rig.writeFile('sealed.xml', text));
    await host.ctrOk('start', 'sealed');
    expect(await readInside(host, 'sealed', '/etc/resolv.conf')).toMatch(/^search ctr\.internal\nnameserver/);
    expect(await readInside(host, 'sealed', '/etc/hosts')).toMatch(
      /^127\.0\.0\.1 localhost\n\S+ sealed\.ctr\.internal sealed # by ctr\n/,
    );
    expect(readFileSync(join(root, 'etc/resolv.conf'), 'utf8')).toBe('nameserver 192.0.2.1\n');
    await host.ctrOk('destroy', 'sealed');
    const [resolv, hosts] = ['/etc/resolv.conf', '/etc/hosts'].map((path) => readFileSync(path, 'utf8'));
    const busybox = join(root, 'bin/busybox');
    const own = domainXml({ name: 'own', rootfs: '/', devices: IN_DEFAULT, init: busybox, initArgs: ['sleep', '99'] });
    await host.ctrOk('define', rig.writeFile('own.xml', own));
    await host.ctrOk('start', 'own');
    expect((await host.ctr(['enter', 'own', '--', busybox, 'cat', '/etc/resolv.conf'])).stdout).toContain(
      'search ctr.internal',
    );
    await host.ctrOk('destroy', 'own');
    expect(['/etc/resolv.conf', '/etc/hosts'].map((path) => readFileSync(path, 'utf8'))).toEqual([resolv, hosts]);
  });

  networkTest('stay when the server or its keeper is killed', async ({ host, rig }) => {
    for (const name of ['a', 'b']) await define(rig, host, name);
    await host.ctrOk('start', 'a');
    const dir = join(rig.env.CTR_RUN_DIR ?? '', 'networks/default');
    const ask = () => inside(host, 'a', 'nslookup', 'a.ctr.internal');
    await host.sh(`k=$(cut -d' ' -f2 ${dir}/keeper); kill -9 $(pgrep -P $k)`);
    await expect.poll(async () => (await ask()).status, { timeout: slow(10_000) }).toBe(0);
    expect(readFileSync(join(dir, 'keeper.log'), 'utf8')).toContain('keeper: the server was killed by signal 9\n');
    await host.sh(`kill -9 $(cut -d' ' -f2 ${dir}/keeper)`);
    await expect.poll(async () => (await host.sh('ss -lnu')).includes(':53'), { timeout: slow(10_000) }).toBe(false);
    await host.ctrOk('start', 'b');
    expect((await ask()).status).toBe(0);
    await host.sh(`kill -9 $(cut -d' ' -f2 ${dir}/keeper)`);
    await host.ctrOk('gc');
    expect((await ask()).status).toBe(0);
    await host.ctrOk('destroy', 'a', 'b');
    expect(existsSync(join(dir, 'keeper'))).toBe(false);
  });

  networkTest('are two where two containers fold to one, and gone with undefine', async ({ host, rig }) => {
    for (const name of ['x_y', 'x.y']) await define(rig, host, name);
    await host.ctrOk('start', 'x_y', 'x.y');
    const { containers } = JSON.parse(await host.ctrOk('net', 'info', 'default', '--json'));
    expect(containers.map(({ host }: { host: string }) => host).sort()).toEqual(['x-y', 'x-y-2']);
    expect((await inside(host, 'x_y', 'nslookup', 'x-y-2.ctr.internal')).status).toBe(0);
    const [first] = containers.filter(({ host }: { host: string }) => host === 'x-y-2');
    await host.ctrOk('destroy', first.name);
    await host.ctrOk('undefine', first.name);
    const other = first.name === 'x_y' ? 'x.y' : 'x_y';
    await expect
      .poll(async () => (await inside(host, other, 'nslookup', 'x-y-2.ctr.internal')).status, { timeout: slow(5000) })
      .not.toBe(0);
    await host.ctrOk('destroy', other);
  });

  networkTest('are not there, nor is the network, where port 53 is taken', async ({ host, rig, skip }) => {
    const lack = lacksProgram('perl');
    if (lack !== undefined) skip(lack);
    await define(rig, host, 'a');
    const listen = 'use IO::Socket::INET; $s=IO::Socket::INET->new(Proto=>"udp",LocalPort=>53) or die $!; sleep 99';
    const told = await host.sh(
      `perl -e '${listen}' >/dev/null & other=$!
      for i in $(seq 100); do ss -Hlnu 'sport = :53' | grep -q . && break; sleep .05; done
      ${ctrProgram} start a 2>&1; echo $?; kill $other; ip -br link; nft list tables`,
      { env: { ...process.env, ...rig.env } },
    );
    expect(told).toMatch(
      /the name server of the network: failed to create listening socket.*Address already in use\n1\n/,
    );
    expect(told).not.toMatch(/ctrbr0|ctr-default/);
  });
});
