import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect } from '../rig/index.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const NAMED = '/run/netns/shop';
/** Names of `ip netns` of this host alone. */
const MAKE_NAMED = 'mount -t tmpfs none /run && mkdir /run/netns && ip netns add shop';

async function namespaceOf(rig: Rig, name: string): Promise<string> {
  return readlinkSync(`/proc/${(await rig.info(name)).pid}/ns/net`);
}

const idOf = async (host: NetworkHost, path: string) => `net:[${(await host.sh(`stat -Lc %i ${path}`)).trim()}]`;

/** Each format's own words for another network namespace. */
const SPELLINGS = {
  libvirt: (rig: Rig, value: { name: string } | { path: string }) => {
    const share = 'name' in value ? `type='name' value='${value.name}'` : "type='netns' value='shop'";
    const namespace = `<lxc:namespace xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'><lxc:sharenet ${share}/></lxc:namespace>`;
    const text = domainXml({ name: 'web', rootfs: rig.makeRoot(), features: ' ' });
    return rig.writeFile('web.xml', text.replace('</domain>', `${namespace}</domain>`));
  },
  LXC: (rig: Rig, value: { name: string } | { path: string }) =>
    rig.writeFile(
      'web.conf',
      `lxc.uts.name = web\nlxc.rootfs.path = dir:${rig.makeRoot()}\nlxc.init.cmd = /init\nlxc.namespace.share.net = ${'name' in value ? value.name : value.path}\n`,
    ),
} as const;

describe("another's network", () => {
  for (const [format, spell] of Object.entries(SPELLINGS)) {
    networkTest(`is that of a name of 'ip netns' [${format}]`, async ({ host, rig }) => {
      await host.sh(MAKE_NAMED);
      await host.ctrOk('define', spell(rig, { path: NAMED }));
      await host.ctrOk('start', 'web');
      expect(await namespaceOf(rig, 'web')).toBe(await idOf(host, NAMED));
      await host.ctrOk('destroy', 'web');
      await host.sh('ip netns delete shop');
    });

    networkTest(`is that of another container, with all that it reaches [${format}]`, async ({ host, rig }) => {
      const devices = "<interface type='network'><source network='default'/></interface>";
      const first = domainXml({ name: 'first', rootfs: rig.makeRoot(), devices });
      await host.ctrOk('define', rig.writeFile('first.xml', first));
      await host.ctrOk('start', 'first');
      await host.ctrOk('define', spell(rig, { name: 'first' }));
      await host.ctrOk('start', 'web');
      expect(await namespaceOf(rig, 'web')).toBe(await namespaceOf(rig, 'first'));
      const ping = ['enter', 'web', '--', '/bin/busybox', 'ping', '-c1', '-W2', OUTSIDE.world];
      expect(await host.ctr(ping)).toMatchObject({ status: 0 });
      await host.ctrOk('destroy', 'web');
      expect(await host.sh('ip -br link')).toContain('ctrbr0');
      await host.ctrOk('destroy', 'first');
    });
  }

  networkTest('is that of a path [OCI]', async ({ host, rig }) => {
    await host.sh(MAKE_NAMED);
    const config = {
      ociVersion: '1.0.2',
      root: { path: rig.makeRoot() },
      process: { cwd: '/', args: ['/init'], env: [], user: { uid: 0, gid: 0 } },
      linux: {
        namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network', path: NAMED }],
      },
    };
    const file = rig.writeFile('config.json', JSON.stringify(config));
    await host.ctrOk('define', file, '--name', 'web');
    await host.ctrOk('start', 'web');
    expect(await namespaceOf(rig, 'web')).toBe(await idOf(host, join('/run/netns', 'shop')));
    await host.ctrOk('destroy', 'web');
    await host.sh('ip netns delete shop');
  });
});
