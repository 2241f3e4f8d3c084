import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const IN_DEFAULT = "<interface type='network'><source network='default'/></interface>";

async function define(rig: Rig, host: NetworkHost, name: string, devices = IN_DEFAULT, root = rig.makeRoot()) {
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: root, devices })));
  return root;
}

const inside = (host: NetworkHost, name: string, ...command: string[]) =>
  host.ctr(['enter', name, '--', '/bin/busybox', ...command]);

const lacks = lacksProgram('dnsmasq');

describe.skipIf(lacks !== undefined)('names in the network default', () => {
  networkTest('lead to neighbours, plain and with the domain, and from a root with a file of its own', async ({ host, rig }) => {
    await host.ctrOk('bootstrap', 'a', '--template', 'busybox');
    await host.ctrOk('bootstrap', 'b', '--template', 'busybox');
    await host.ctrOk('start', 'a', 'b');
    for (const name of ['b', 'b.ctr.internal', 'a'])
      expect(await host.ctr(['enter', 'a', '--', 'ping', '-c1', '-W2', name])).toMatchObject({ status: 0 });
    await host.ctrOk('destroy', 'a', 'b');
    expect(await host.sh('ps ax | grep [k]eep-network || true')).toBe('');
  });
});
