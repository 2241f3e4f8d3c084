import { readFileSync } from 'node:fs';
import { frame, sendFrame } from '../rig/frames.js';
import { describe, domainXml, expect, slow } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

interface Server {
  readonly name: string;
  /** `8080:80`, `127.0.0.1:8080:80/udp`. */
  readonly ports: readonly string[];
  readonly network?: string;
}

/** Says its name to who connects to port 80. */
async function startServer(rig: Rig, host: NetworkHost, server: Server): Promise<void> {
  await defineServer(rig, host, server);
  await host.ctrOk('start', server.name);
}

async function defineServer(rig: Rig, host: NetworkHost, { name, ports, network = 'default' }: Server): Promise<void> {
  const text = domainXml({
    name,
    rootfs: rig.makeRoot(),
    init: '/bin/busybox',
    initArgs: ['nc', '-ll', '-p', '80', '-e', '/bin/busybox', 'echo', name],
    devices: `<interface type='network'><source network='${network}'/></interface>`,
    ...(ports.length === 0 ? {} : { metadata: `<ctr:ports>${ports.map(formatPort).join('')}</ctr:ports>` }),
  });
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, text));
}

function formatPort(word: string): string {
  const [, address, port, inside, protocol = 'tcp'] = /^(?:(.+):)?(\d+):(\d+)(?:\/(udp))?$/.exec(word) ?? [];
  const where = address === undefined ? '' : `address='${address}' `;
  return `<ctr:port protocol='${protocol}' ${where}host='${port}' container='${inside}'/>`;
}

/** Waits for a command to succeed. */
const whenThere = (test: string) => `for i in $(seq 100); do ${test} && break; sleep 0.1; done`;

/** What a connection hears; '' where there is none. */
const hear = (address: string, port = 8080) =>
  `timeout ${slow(2)} bash -c 'read x </dev/tcp/${address}/${port} && echo $x' 2>/dev/null || true`;
const fromHost = async (host: NetworkHost, address: string, port?: number) =>
  (await host.sh(hear(address, port))).trim();
const fromOutside = async (host: NetworkHost, address: string, port?: number) =>
  (await host.outside(hear(address, port))).stdout.trim();
const fromInside = async (host: NetworkHost, name: string, address: string, port = 8080) =>
  (
    await host.ctr(['enter', name, '--', '/bin/busybox', 'timeout', '2', '/bin/busybox', 'nc', address, String(port)])
  ).stdout.trim();

async function elementsOf(host: NetworkHost, network = 'default'): Promise<string> {
  return (await host.sh(`nft list map inet ctr-${network} ports4; nft list map inet ctr-${network} ports4at`)).trim();
}

describe('a port of the host', () => {
  networkTest('leads inside from everywhere', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['8080:80'] });
    await startServer(rig, host, { name: 'near', ports: [] });
    expect(await host.ctrOk('net', 'info', 'default')).toMatch(/^ports +8080 to web:80 tcp$/m);
    expect(await fromOutside(host, OUTSIDE.host)).toBe('web');
    expect(await fromOutside(host, OUTSIDE.host6)).toBe('web');
    expect(await fromHost(host, '127.0.0.1')).toBe('web');
    expect(await fromHost(host, OUTSIDE.host)).toBe('web');
    expect(await fromInside(host, 'near', OUTSIDE.host)).toBe('web');
    expect(await fromInside(host, 'web', OUTSIDE.host)).toBe('web');
    await host.ctrOk('destroy', 'web');
    expect(await fromOutside(host, OUTSIDE.host)).toBe('');
    expect(await elementsOf(host)).not.toContain('8080');
    await host.ctrOk('destroy', 'near');
  });

  networkTest('of one address leads inside from there only', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['127.0.0.1:8080:80', `${OUTSIDE.host}:8081:80`] });
    expect(await fromHost(host, '127.0.0.1')).toBe('web');
    expect(await fromOutside(host, OUTSIDE.host)).toBe('');
    expect(await fromOutside(host, OUTSIDE.host, 8081)).toBe('web');
    expect(await fromHost(host, '127.0.0.1', 8081)).toBe('');
    await host.ctrOk('destroy', 'web');
  });

  networkTest('does not open the loopback services of the host to containers', async ({ host, rig, skip }) => {
    const lack = lacksProgram('perl');
    if (lack !== undefined) skip(lack);
    await startServer(rig, host, { name: 'web', ports: [] });
    const { pid } = JSON.parse(await host.ctrOk('info', 'web', '--json')) as { pid: number };
    const server =
      'use IO::Socket::INET; $s=IO::Socket::INET->new(Proto=>"udp",LocalAddr=>"127.0.0.1",LocalPort=>90); print "ready\\n"; print "heard $b\\n" while $s->recv($b,99)';
    const heard = rig.writeFile('heard', '');
    await host.sh(
      `timeout ${slow(60)} perl -e '$|=1; ${server}' >'${heard}' 2>&1 & for i in $(seq 100); do grep -q ready '${heard}' && break; sleep 0.05; done`,
    );
    // A frame to the bridge itself: the container's own kernel sends none to such an address.
    const find = async (script: string) => (await host.sh(script)).trim();
    const from = await find(`nsenter -t ${pid} -n ip -o link show eth0 | sed 's/.*ether //;s/ .*//'`);
    const bridge = await find("ip -o link show ctrbr0 | sed 's/.*ether //;s/ .*//'");
    const own = await find(`nsenter -t ${pid} -n ip -4 -o addr show eth0 | sed 's/.*inet //;s/[/].*//'`);
    const send = (to: string, mark: string) =>
      sendFrame(
        host,
        pid,
        frame.ipv4(from, own, '1234005a', { mac: bridge, ip: to })(Buffer.from(mark).toString('hex')),
      );
    await send('127.0.0.1', 'guarded');
    await host.sh('nft flush chain inet ctr-default guard');
    await send('127.0.0.1', 'open');
    await host.sh(`for i in $(seq 100); do grep -q open '${heard}' && break; sleep 0.05; done`);
    expect(readFileSync(heard, 'utf8')).toBe('ready\nheard open\n');
    await host.ctrOk('destroy', 'web');
  });

  networkTest('of a protocol without connections leads inside', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['8053:53/udp'] });
    const { pid } = JSON.parse(await host.ctrOk('info', 'web', '--json')) as { pid: number };
    const echo =
      'use IO::Socket::INET; $s=IO::Socket::INET->new(Proto=>"udp",LocalPort=>53); $s->send($b) while $s->recv($b,99)';
    await host.sh(`nsenter -t ${pid} -n timeout ${slow(60)} perl -e '${echo}' >/dev/null 2>&1 &`);
    await host.sh(whenThere(`nsenter -t ${pid} -n ss -Hlnu 'sport = :53' | grep -q .`));
    const ask = `exec 3<>/dev/udp/${OUTSIDE.host}/8053; echo q >&3; dd bs=9 count=1 status=none <&3`;
    expect((await host.outside(`timeout ${slow(3)} bash -c '${ask}'`)).stdout).toBe('q\n');
    await host.ctrOk('destroy', 'web');
  });

  networkTest('that somebody has is refused, and says who', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['8080:80'] });
    await defineServer(rig, host, { name: 'other', ports: ['8080:80'] });
    expect((await host.ctr(['start', 'other'])).stderr).toContain("the container 'web' has it");
    expect(await fromOutside(host, OUTSIDE.host)).toBe('web');
    // And no other program gets it meanwhile.
    expect(await host.sh(`timeout ${slow(1)} busybox nc -l -p 8080 2>&1; true`)).toContain('in use');
    await host.ctrOk('destroy', 'web');
    await host.sh(`timeout ${slow(60)} busybox nc -ll -p 8080 -e /bin/echo mine >/dev/null 2>&1 &`);
    await host.sh(whenThere("ss -Hlnt 'sport = :8080' | grep -q ."));
    expect((await host.ctr(['start', 'other'])).stderr).toMatch(/'(?:busybox|nc)' \(process \d+\) has it/);
    expect(await fromHost(host, '127.0.0.1')).toBe('mine');
    expect(await host.sh('ip -br link')).not.toContain('ctrbr0');
  });

  networkTest('of who was killed goes to the next', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['8080:80'] });
    await startServer(rig, host, { name: 'near', ports: [] });
    const { monitorPid } = JSON.parse(await host.ctrOk('info', 'web', '--json')) as { monitorPid: number };
    await host.sh(`kill -9 ${monitorPid}; sleep 0.2`);
    await startServer(rig, host, { name: 'other', ports: ['8080:80'] });
    expect(await fromOutside(host, OUTSIDE.host)).toBe('other');
    await host.ctrOk('gc');
    expect(await fromOutside(host, OUTSIDE.host)).toBe('other');
    await host.ctrOk('destroy', 'near', 'other');
  });

  networkTest('comes back with a table that somebody flushed', async ({ host, rig }) => {
    await startServer(rig, host, { name: 'web', ports: ['8080:80'] });
    await host.sh('nft flush ruleset');
    expect(await fromOutside(host, OUTSIDE.host)).toBe('');
    await startServer(rig, host, { name: 'near', ports: ['8081:80'] });
    expect(await fromOutside(host, OUTSIDE.host)).toBe('web');
    expect(await fromOutside(host, OUTSIDE.host, 8081)).toBe('near');
    await host.ctrOk('destroy', 'web', 'near');
  });

  networkTest('leads nowhere in a network without a way out', async ({ host, rig }) => {
    const text = "<network><name>lan</name><ip address='10.77.0.1' prefix='24'/></network>";
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', text));
    await defineServer(rig, host, { name: 'web', ports: ['8080:80'], network: 'lan' });
    expect((await host.ctr(['start', 'web'])).stderr).toMatch(/cannot open port 8080 of the host/);
  });
});

describe('a run in a network', () => {
  networkTest('has an address and ports, and leaves nothing but its slot', async ({ host, rig }) => {
    const root = rig.makeRoot();
    const server = ['/bin/busybox', 'nc', '-l', '-p', '80', '-e', '/bin/busybox', 'echo', 'run'];
    const running = host.ctr([
      'run',
      '--rootfs',
      root,
      '-p',
      '8080:80',
      '--timeout',
      String(slow(20)),
      '--',
      ...server,
    ]);
    await host.sh(
      `${whenThere('nft list map inet ctr-default ports4 2>/dev/null | grep -q 8080')}; sleep ${slow(0.3)}`,
    );
    expect(await fromOutside(host, OUTSIDE.host)).toBe('run');
    expect(await running).toMatchObject({ status: 0 });
    expect(await host.sh('ip -br link; nft list tables')).not.toContain('ctr');
    const listen = ['/bin/busybox', 'nc', OUTSIDE.world, '81'];
    await host.outside(`printf world | timeout ${slow(20)} busybox nc -l -p 81 >/dev/null 2>&1 &`);
    expect(await host.ctr(['run', '--rootfs', root, '--net', 'default', '--', ...listen])).toMatchObject({
      stdout: 'world',
    });
    const refused = await host.ctr([
      'run',
      '--rootfs',
      root,
      '--net',
      'none',
      '-p',
      '8080',
      '--',
      '/bin/busybox',
      'true',
    ]);
    expect(refused).toMatchObject({ status: 125 });
    expect(refused.stderr).toContain('--publish opens ports of the host into a network');
  });
});
