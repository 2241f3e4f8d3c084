import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, lacksSpeed, slow } from '../rig/index.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import { ctrProgram, type Rig } from '../rig/rig.js';

/** `CTR_TEST_ROUNDS=300` for a long night; an emulated machine has it with a few. */
const ROUNDS = Number(process.env.CTR_TEST_ROUNDS ?? (lacksSpeed() === undefined ? 20 : 3));
const DEVICES = "<interface type='network'><source network='default'/><filterref filter='clean-traffic'/></interface>";
const PORTS = "<ctr:ports><ctr:port protocol='tcp' host='8080' container='80'/></ctr:ports>";

async function define(rig: Rig, host: NetworkHost, name: string, metadata = ''): Promise<void> {
  const parts = { name, rootfs: rig.makeRoot(), devices: DEVICES, ...(metadata === '' ? {} : { metadata }) };
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml(parts)));
}

/** With all elements of the maps. */
const linksAndTables = (host: NetworkHost) => host.sh('ip -br link | cut -d" " -f1; nft list ruleset');

function addresses(rig: Rig): string {
  return readFileSync(join(rig.env.CTR_STATE_DIR ?? '', 'networks/default/addresses.json'), 'utf8');
}

const hostsFiles = (rig: Rig) =>
  readdirSync(join(rig.env.CTR_STATE_DIR ?? '', 'networks/default/hosts'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('what is killed', () => {
  networkTest(
    'leaves no link, rule, element of a map or address once gc was there',
    async ({ host, rig }) => {
      let before = await linksAndTables(host);
      await define(rig, host, 'web', PORTS);
      for (let round = 0; round < ROUNDS; round += 1) {
        if (round === Math.ceil(ROUNDS / 2)) {
          // From here on the network stays, and what was the container's goes alone.
          await host.ctrOk('net', 'start', 'default');
          before = await linksAndTables(host);
        }
        await host.ctrOk('start', 'web');
        const { monitorPid } = JSON.parse(await host.ctrOk('info', 'web', '--json')) as { monitorPid: number };
        await host.sh(`kill -9 ${monitorPid}`);
        await host.ctrOk('gc');
        // The kernel takes links away after the network namespace that they were in.
        await expect.poll(() => linksAndTables(host), { timeout: slow(5000), message: `round ${round}` }).toBe(before);
      }
      await host.ctrOk('undefine', 'web');
      expect(addresses(rig)).toBe('[]\n');
      expect(hostsFiles(rig)).toEqual([]);
      expect(JSON.parse(await host.ctrOk('net', 'leases', 'default', '--json'))).toEqual([]);
      await host.ctrOk('net', 'stop', 'default');
    },
    slow(30_000 + ROUNDS * 4000),
  );

  networkTest(
    'while it starts leaves no element beside a container that runs',
    async ({ host, rig }) => {
      await define(rig, host, 'near');
      await define(rig, host, 'web', PORTS);
      await host.ctrOk('start', 'near');
      const before = await linksAndTables(host);
      for (let round = 0; round < ROUNDS; round += 1) {
        // Those that it has started die with it, wherever they are: the next moment each time.
        const delay = (0.001 + 0.0005 * (round % 40)).toFixed(4);
        await host.sh(
          `'${ctrProgram}' start web >/dev/null 2>&1 & p=$!; sleep ${delay}; kill -9 $(cat /proc/$p/task/$p/children 2>/dev/null) $p 2>/dev/null; wait; true`,
          { env: rig.env },
        );
        await host.ctr(['destroy', 'web']);
        await host.ctrOk('gc');
        // The kernel takes links away after the network namespace that they were in.
        await expect.poll(() => linksAndTables(host), { timeout: slow(5000), message: `round ${round}` }).toBe(before);
      }
      await host.ctrOk('start', 'web');
      await host.ctrOk('destroy', 'web', 'near');
    },
    slow(30_000 + ROUNDS * 4000),
  );

  networkTest('as a network under a container is told, and comes back with a restart', async ({ host, rig }) => {
    await define(rig, host, 'web', PORTS);
    await host.ctrOk('start', 'web');
    await host.ctrOk('net', 'stop', 'default');
    expect(
      (await host.ctr(['enter', 'web', '--', '/bin/busybox', 'ping', '-c1', '-W1', OUTSIDE.world])).status,
    ).not.toBe(0);
    expect(await host.ctrOk('net', 'info', 'default')).toMatch(/state:?\s+inactive/);
    await host.ctrOk('destroy', 'web');
    await host.ctrOk('start', 'web');
    expect(await host.ctr(['enter', 'web', '--', '/bin/busybox', 'ping', '-c1', '-W2', OUTSIDE.world])).toMatchObject({
      status: 0,
    });
    const xml = await host.ctrOk('net', 'dumpxml', 'default');
    await host.ctrOk(
      'net',
      'define',
      rig.writeFile('other.xml', xml.replace(/<mtu [^>]*>/, '').replace('<bridge', "<mtu size='1400'/><bridge")),
    );
    expect(await host.ctrOk('net', 'info', 'default')).toContain('as it was defined before');
    await host.ctrOk('destroy', 'web');
    await host.ctrOk('start', 'web');
    expect(await host.sh('ip link show ctrbr0')).toContain('mtu 1400');
    await host.ctrOk('destroy', 'web');
    await expect.poll(() => linksAndTables(host), { timeout: slow(5000) }).not.toContain('ctr');
  });
});
