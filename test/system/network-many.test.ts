import { describe, domainXml, expect, lacksSpeed, slow } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { networkTest, OUTSIDE } from '../rig/network-host.js';

/** As many as a /24 has room for, nearly; an emulated machine has it with a few. */
const COUNT = Number(process.env.CTR_TEST_CONTAINERS ?? (lacksSpeed() === undefined ? 200 : 20));
const DEVICES = "<interface type='network'><source network='default'/><filterref filter='clean-traffic'/></interface>";
/** Its first act is a connection, of which it tries one alone. */
const INIT = `busybox nc ${OUTSIDE.world} 81 </dev/null\nwhile :; do sleep 3600 & wait; done\n`;
/** Addresses of who has connected. */
const SERVER =
  'use IO::Socket::INET; $|=1; $s=IO::Socket::INET->new(LocalPort=>81,Listen=>4096) or die; print "ready\\n"; while (my $c=$s->accept) { print $c->peerhost, ":", $c->peerport, "\\n" }';

describe('many containers', () => {
  networkTest(
    'that start together all reach the world, have addresses of their own, and leave nothing',
    async ({ host, rig, skip }) => {
      const lack = lacksProgram('perl');
      if (lack !== undefined) skip(lack);
      const heard = rig.writeFile('heard', '');
      await host.outside('echo 4096 >/proc/sys/net/core/somaxconn');
      await host.outside(
        `perl -e '${SERVER}' >'${heard}' 2>&1 & for i in $(seq 100); do grep -q ready '${heard}' && break; sleep 0.05; done`,
      );
      const names = Array.from({ length: COUNT }, (_, index) => `n${index}`);
      const rootfs = rig.makeRoot(INIT);
      const files = names.map((name) => rig.writeFile(`${name}.xml`, domainXml({ name, rootfs, devices: DEVICES })));
      await host.ctrOk('define', ...files);
      await host.ctrOk('start', ...names);
      const countHeard = async () => Number(await host.sh(`grep -c : '${heard}' || true`));
      await expect.poll(countHeard, { timeout: slow(20_000), interval: 200 }).toBe(COUNT);
      expect(JSON.parse(await host.ctrOk('net', 'info', 'default', '--json'))).toMatchObject({ leases: 0 });
      const neighbours = await host.sh('ip -4 neigh show dev ctrbr0 | cut -d" " -f1 | sort -u');
      expect(neighbours.trim().split('\n')).toHaveLength(COUNT);
      await host.ctrOk('destroy', ...names);
      await expect
        .poll(() => host.sh('ip -br link; nft list tables'), { timeout: slow(20_000), interval: 200 })
        .not.toContain('ctr');
      await host.ctrOk('undefine', ...names);
    },
    slow(180_000),
  );
});
