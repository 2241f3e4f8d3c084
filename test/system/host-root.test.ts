import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS, describe, domainXml, expect, lacksCorpus, test } from '../rig/index.js';

const BRIDGE = '/sys/class/net/ctrbr0';
const NETWORK_DEFAULT = "<interface type='network'><source network='default'/></interface>";

describe('a container on the root of the host', () => {
  test('runs libvirt’s documented example unmodified', async ({ rig, skip }) => {
    const lack = lacksCorpus();
    if (lack !== undefined) skip(lack);
    await rig.ctrOk('define', join(CORPUS, 'libvirt-docs/vm1-host-root.xml'));
    await rig.ctrOk('start', 'vm1');
    const listing = await rig.ctrOk('enter', 'vm1', '--', 'ls', '-l', '/dev');
    for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'console', 'ptmx', 'tty1']) {
      expect(listing).toMatch(new RegExp(` ${name}( -> |$)`, 'm'));
    }
    await rig.ctrOk('stop', 'vm1', '--timeout', '1');
    expect(await rig.ctrOk('list', '--all')).toMatch(/^vm1\s.*stopped/m);
  });

  test('has eth0 up on a bridge that is made on demand and goes with the last container', async ({ rig, skip }) => {
    if (existsSync(BRIDGE)) skip('another container of this host uses ctrbr0');
    const script = rig.writeFile('init', "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 3600 & wait; done\n");
    for (const name of ['one', 'two']) {
      await rig.define(
        domainXml({ name, init: '/bin/sh', initArgs: [script], features: '', devices: NETWORK_DEFAULT }),
      );
    }
    await rig.ctrOk('start', 'one', 'two');
    expect(existsSync(BRIDGE)).toBe(true);
    for (const name of ['one', 'two']) {
      const flags = Number.parseInt(await rig.ctrOk('enter', name, '--', 'cat', '/sys/class/net/eth0/flags'), 16);
      expect(flags & 1).toBe(1);
      expect(await rig.ctrOk('enter', name, '--', 'cat', '/sys/class/net/eth0/carrier')).toBe('1\n');
    }
    await rig.ctrOk('stop', 'one');
    expect(existsSync(BRIDGE)).toBe(true);
    await rig.ctrOk('stop', 'two');
    expect(existsSync(BRIDGE)).toBe(false);
  });

  test('leaves no mount of its own on the host while it runs', async ({ rig }) => {
    const script = rig.writeFile('init', "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 3600 & wait; done\n");
    await rig.define(domainXml({ name: 'vm', init: '/bin/sh', initArgs: [script] }));
    const before = readMountPoints();
    await rig.ctrOk('start', 'vm');
    expect(readMountPoints()).toEqual(before);
  });
});

function readMountPoints(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
}
