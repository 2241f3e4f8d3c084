import { describe, domainXml, expect } from '../rig/index.js';
import { networkTest, OUTSIDE } from '../rig/network-host.js';

describe('the host that tests of networks have', () => {
  networkTest('has its own links, and reaches the world outside', async ({ host }) => {
    expect((await host.sh('ls /sys/class/net')).split('\n').filter(Boolean).sort()).toEqual(['lo', OUTSIDE.link]);
    expect(await host.sh(`busybox ping -c1 -W2 ${OUTSIDE.world} >/dev/null && echo reached`)).toBe('reached\n');
    expect((await host.outside(`busybox ping -c1 -W2 ${OUTSIDE.host6}`)).status).toBe(0);
  });

  networkTest('is where a container gets its bridge, and not on the host of all', async ({ host, rig }) => {
    await rig.define(
      domainXml({
        name: 'web',
        rootfs: rig.makeRoot(),
        devices: "<interface type='network'><source network='default'/></interface>",
      }),
    );
    await host.ctrOk('start', 'web');
    expect(await host.sh('ip -br link')).toContain('ctrbr');
    await host.ctrOk('destroy', 'web');
  });
});
