import { describe, domainXml, expect } from '../rig/index.js';
import { type NetworkHost, networkTest } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';
import { runProgram } from '../rig/run-program.js';
import { quote } from '../rig/terminal.js';

async function define(rig: Rig, host: NetworkHost, name: string, devices: string): Promise<void> {
  const file = rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices }));
  await host.ctrOk('define', file);
}

const inside = (host: NetworkHost, name: string, ...command: string[]) =>
  host.ctr(['enter', name, '--', '/bin/busybox', ...command]);

const NIC = "<hostdev mode='capabilities' type='net'><source><interface>nic0</interface></source></hostdev>";
/** A link that stands for a network card, and what is at its other end. */
const MAKE_NIC = `ip link add dev nic0 mtu 1400 address 02:00:00:00:00:77 type veth peer name wire0
ip link property add dev nic0 altname the-first-card
ip link set dev wire0 up`;

async function expectNic(host: NetworkHost): Promise<void> {
  const shown = await host.sh('ip link show dev nic0');
  expect(shown).toContain('mtu 1400');
  expect(shown).toContain('02:00:00:00:00:77');
  expect(shown).toContain('altname the-first-card');
}

describe('a link of the host in a container', () => {
  networkTest(
    'comes back with its name, MTU, address and alternative names, whatever the end',
    async ({ host, rig }) => {
      await host.sh(MAKE_NIC);
      await define(rig, host, 'a', NIC);
      const change =
        'ip link set dev nic0 name mine; ip link set dev mine mtu 1300 address 02:00:00:00:00:99; ip link property del dev mine altname the-first-card || true';
      for (const end of ['destroy', 'stop', 'crash', 'exit'] as const) {
        await host.ctrOk('start', 'a');
        expect((await host.sh('ip -br link')).includes('nic0')).toBe(false);
        expect((await inside(host, 'a', 'ip', 'link', 'show', 'nic0')).stdout).toContain('mtu 1400');
        const { pid } = JSON.parse(await host.ctrOk('info', 'a', '--json')) as { pid: number };
        await host.sh(`nsenter -t ${pid} -n sh -c '${change}'`);
        if (end === 'crash') {
          const { monitorPid } = JSON.parse(await host.ctrOk('info', 'a', '--json')) as { monitorPid: number };
          await host.sh(`kill -9 ${monitorPid}`);
          await host.ctrOk('gc');
        } else if (end === 'exit') {
          await host.sh(`kill -9 ${pid}`);
          await host.ctr(['wait', 'a']);
        } else await host.ctrOk(end, 'a');
        await expectNic(host);
      }
    },
  );

  networkTest('is with one container at a time, and in no bridge', async ({ host, rig }) => {
    await host.sh(MAKE_NIC);
    for (const name of ['a', 'b']) await define(rig, host, name, NIC);
    await host.ctrOk('start', 'a');
    expect((await host.ctr(['start', 'b'])).stderr).toContain("the container 'a' has it");
    await host.ctrOk('destroy', 'a');
    await host.sh('ip link add dev br9 type bridge; ip link set dev nic0 master br9');
    expect((await host.ctr(['start', 'a'])).stderr).toContain("it is in 'br9'");
    await host.sh('ip link del dev br9; ip link del dev nic0');
    expect((await host.ctr(['start', 'a'])).stderr).toContain('there is no such link on the host');
  });

  networkTest('comes back from a start that fails behind it', async ({ host, rig }) => {
    await host.sh(MAKE_NIC);
    await define(rig, host, 'a', `<interface type='direct'><source dev='none0' mode='bridge'/></interface>${NIC}`);
    await define(rig, host, 'b', `${NIC}<filesystem><source dir='/nowhere'/><target dir='/mnt'/></filesystem>`);
    for (const name of ['a', 'b']) {
      expect((await host.ctr(['start', name])).status).toBe(1);
      await expectNic(host);
    }
  });
});

describe('a link on top of one of the host', () => {
  networkTest.for(['bridge', 'private', 'vepa', 'passthrough'])('is a macvlan: %s', async (mode, { host, rig }) => {
    await host.sh(MAKE_NIC);
    await define(
      rig,
      host,
      'a',
      `<interface type='direct'><mac address='02:00:00:00:00:01'/><source dev='nic0' mode='${mode}'/><ip address='10.9.0.2' prefix='24'/><guest dev='lan'/></interface>`,
    );
    await host.ctrOk('start', 'a');
    const { pid } = JSON.parse(await host.ctrOk('info', 'a', '--json')) as { pid: number };
    const shown = await host.sh(`nsenter -t ${pid} -n ip -d link show dev lan`);
    expect(shown).toContain(`mode ${mode === 'passthrough' ? 'passthru' : mode}`);
    // Of a passthrough the two are one.
    expect(shown).toContain(mode === 'passthrough' ? '02:00:00:00:00:77' : '02:00:00:00:00:01');
    await host.sh('ip addr add 10.9.0.1/24 dev wire0; ip link set dev nic0 up; busybox ping -c1 -W2 10.9.0.2');
    await host.ctrOk('destroy', 'a');
    expect(await host.sh('ip -br link')).toContain('nic0');
  });

  networkTest.for([
    ['ipvlan', 'lxc.net.0.ipvlan.mode = l2\n'],
    ['vlan', 'lxc.net.0.vlan.id = 7\n'],
  ])('is an %s where the kernel has those, else refused', async ([kind = '', option = ''], { host, rig }) => {
    await host.sh(`${MAKE_NIC}; ip link set dev nic0 up`);
    const has = await host.sh(
      `ip link add link nic0 name probe0 type ${kind} ${kind === 'vlan' ? 'id 9' : ''} 2>&1 && ip link del dev probe0 && echo has || true`,
    );
    const text = `lxc.uts.name = a\nlxc.rootfs.path = dir:${rig.makeRoot()}\nlxc.init.cmd = /init\nlxc.net.0.type = ${kind}\nlxc.net.0.link = nic0\nlxc.net.0.name = top0\n${option}`;
    await host.ctrOk('define', rig.writeFile('config', text));
    const { status, stderr } = await host.ctr(['start', 'a']);
    if (!has.includes('has')) {
      expect(status).toBe(1);
      expect(stderr).toContain(`make the ${kind} 'top0' on 'nic0': this kernel has no links of that kind`);
      return;
    }
    expect((await inside(host, 'a', 'ip', 'link', 'show', 'top0')).stdout).toContain('top0@');
    await host.ctrOk('destroy', 'a');
  });

  networkTest('is refused where it cannot be, in words', async ({ host, rig }) => {
    await host.sh(`${MAKE_NIC}; ip link add dev br9 type bridge; ip link set dev wire0 master br9`);
    const macvlan = (dev: string) => `<interface type='direct'><source dev='${dev}' mode='bridge'/></interface>`;
    const refused: readonly [string, string][] = [
      [macvlan('none0'), 'there is no such link on the host'],
      [macvlan('wire0'), 'it is a port of a bridge, or in use'],
      ["<interface type='bridge'><source bridge='none0'/></interface>", 'there is no such link on the host'],
      ["<interface type='bridge'><source bridge='nic0'/></interface>", 'it is a link, but no bridge'],
    ];
    const before = await host.sh('ip -br link');
    for (const [index, [devices, reason]] of refused.entries()) {
      await define(rig, host, `c${index}`, devices);
      const { status, stderr } = await host.ctr(['start', `c${index}`]);
      expect(status).toBe(1);
      expect(stderr).toContain(reason);
    }
    expect(await host.sh('ip -br link')).toBe(before);
  });
});

const RECEIVE = `require('net').createServer({ allowHalfOpen: true }, (peer) => { const begin = Date.now(); let bytes = 0;
peer.on('data', (part) => { bytes += part.length; }).on('end', () => { console.log(bytes === 1e6 ? Date.now() - begin : -1); process.exit(0); });
}).listen(900, '0.0.0.0')`;
const SEND = `const begin = () => require('net').connect(900, process.argv[1]).on('error', () => setTimeout(begin, 20)).on('connect', function () { this.end(Buffer.alloc(1e6)); }); begin()`;

/** How many milliseconds a megabyte takes. to, from: what runs a program there. */
async function transfer(host: NetworkHost, to: string, from: string, address: string): Promise<number> {
  const node = quote(process.execPath);
  const { stdout } = await runProgram(
    host.wrap(['sh', '-c', `${to} ${node} -e ${quote(RECEIVE)} & ${from} ${node} -e ${quote(SEND)} ${address}; wait`]),
  );
  return Number(stdout);
}

describe('the end on the host', () => {
  networkTest('limits the speed both ways', async ({ host, rig }) => {
    await define(
      rig,
      host,
      'a',
      `<interface type='ethernet'><source><ip address='10.9.0.1' prefix='24'/></source>
       <bandwidth><inbound average='1000' burst='64'/><outbound average='500' burst='128'/></bandwidth>
       <ip address='10.9.0.2' prefix='24'/><target dev='lim0'/></interface>`,
    );
    await host.ctrOk('start', 'a');
    expect(await host.sh('tc qdisc show dev lim0')).toMatch(/tbf .*rate 8192Kbit burst 64Kb/);
    expect(await host.sh('tc filter show dev lim0 ingress')).toContain('ctr-bandwidth direct-action');
    const { pid } = JSON.parse(await host.ctrOk('info', 'a', '--json')) as { pid: number };
    // A megabyte: one second in, two out, less what a burst lets through at once.
    expect(await transfer(host, `nsenter -t ${pid} -n`, '', '10.9.0.2')).toBeGreaterThan(600);
    expect(await transfer(host, '', `nsenter -t ${pid} -n`, '10.9.0.1')).toBeGreaterThan(1200);
    await host.ctrOk('destroy', 'a');
  });

  networkTest('is isolated from other isolated ports of its bridge', async ({ host, rig }) => {
    await host.sh('ip link add dev br9 type bridge; ip addr add 10.9.0.1/24 dev br9; ip link set dev br9 up');
    const port = (last: number, isolated: string) =>
      `<interface type='bridge'><source bridge='br9'/><port isolated='${isolated}'/><ip address='10.9.0.${last}' prefix='24'/></interface>`;
    await define(rig, host, 'a', port(2, 'yes'));
    await define(rig, host, 'b', port(3, 'yes'));
    await define(rig, host, 'c', port(4, 'no'));
    await host.ctrOk('start', 'a', 'b', 'c');
    const ping = async (address: string) => (await inside(host, 'a', 'ping', '-c1', '-W1', address)).status;
    expect(await ping('10.9.0.3')).not.toBe(0);
    expect(await ping('10.9.0.4')).toBe(0);
    expect(await ping('10.9.0.1')).toBe(0);
    await host.ctrOk('destroy', 'a', 'b', 'c');
  });

  networkTest('does not keep its name from the next start, nor its bridge from going', async ({ host, rig }) => {
    for (const name of ['a', 'b'])
      await define(
        rig,
        host,
        name,
        `<interface type='network'><source network='default'/><target dev='port-${name}'/></interface>`,
      );
    await host.ctrOk('start', 'a', 'b');
    expect(await host.sh('ip link show dev port-a')).toContain('alias a');
    for (let run = 0; run < 5; run++) {
      await host.ctrOk('destroy', 'a');
      await host.ctrOk('start', 'a');
    }
    await Promise.all(['a', 'b'].map((name) => host.ctrOk('destroy', name)));
    expect(await host.sh('ip -br link')).not.toContain('ctrbr0');
  });
});

describe('a bridge', () => {
  networkTest('that is full takes no more, and says so', async ({ host, rig }) => {
    const full = Array.from({ length: 1023 }, (_, n) => `link add dev p${n} master br9 type veth peer name q${n}`);
    const file = rig.writeFile('full', ['link add dev br9 type bridge', ...full, ''].join('\n'));
    await host.sh(`ip -batch ${file}`);
    await define(rig, host, 'a', "<interface type='bridge'><source bridge='br9'/><target dev='late0'/></interface>");
    const { status, stderr } = await host.ctr(['start', 'a']);
    expect(status).toBe(1);
    expect(stderr).toContain('it is full');
    expect(await host.sh('ip -br link')).not.toContain('late0');
  });

  networkTest('of a zone comes with its first port and goes with its last', async ({ host, rig }) => {
    for (const name of ['a', 'b']) {
      const root = rig.makeRoot();
      const file = rig.writeFile(`${name}.nspawn`, '[Network]\nZone=lab\n');
      await host.ctrOk('define', file, '--rootfs', root, '--name', name);
    }
    await host.ctrOk('start', 'a', 'b');
    expect(await host.sh('ls /sys/class/net/vz-lab/brif')).toBe('vb-a\nvb-b\n');
    await host.ctrOk('destroy', 'a');
    expect(await host.sh('ip -br link')).toContain('vz-lab');
    await host.ctrOk('destroy', 'b');
    expect(await host.sh('ip -br link')).not.toContain('vz-lab');
  });
});
