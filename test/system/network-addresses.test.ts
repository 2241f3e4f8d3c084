import { describe, domainXml, expect } from '../rig/index.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

const port = (ip = '') => `<interface type='network'><source network='lan'/>${ip}</interface>`;
const given = (address: string) => port(`<ip address='${address}' prefix='24'/>`);

async function defineLan(rig: Rig, host: NetworkHost, prefix = 24, parts = ''): Promise<void> {
  const text = `<network><name>lan</name>${parts}<ip address='10.77.0.1' prefix='${prefix}'/></network>`;
  await host.ctrOk('net', 'define', rig.writeFile('lan.xml', text));
}

async function start(rig: Rig, host: NetworkHost, name: string, devices: string) {
  await host.ctr(['define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices }))]);
  return host.ctr(['start', name]);
}

describe('an address in a network', () => {
  networkTest.for([
    ['outside of it', given('10.78.0.5'), "the address 10.78.0.5 of 'web' is not in 10.77.0.1/24"],
    ["that is the host's", given('10.77.0.1'), "the address 10.77.0.1 of 'web' is the host's own"],
    ['that another has', given('10.77.0.9'), "the address 10.77.0.9 of 'web' is that of 'near'"],
    ['that it has twice', given('10.77.0.5') + given('10.77.0.5'), "the address 10.77.0.5 of 'web' is that of 'web'"],
  ])('%s is refused, and nothing is made', async ([, devices = '', reason], { host, rig }) => {
    await defineLan(rig, host);
    await start(rig, host, 'near', given('10.77.0.9'));
    await host.ctrOk('destroy', 'near');
    const { status, stderr } = await start(rig, host, 'web', devices);
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot join network 'lan': ${reason}`);
    expect(await host.sh('ip -br link; nft list tables')).not.toMatch(/lan|ctr/);
  });

  networkTest('is no more to be had once all are taken, and again after undefine', async ({ host, rig }) => {
    await defineLan(rig, host, 30);
    expect(await start(rig, host, 'first', port())).toMatchObject({ status: 0 });
    const { status, stderr } = await start(rig, host, 'second', port());
    expect(status).toBe(1);
    expect(stderr).toContain("cannot join network 'lan': all its ipv4 addresses are taken");
    expect(stderr).toContain('hint: a larger network: ctr net edit lan');
    await host.ctrOk('destroy', 'first');
    await host.ctrOk('undefine', 'first');
    expect(await host.ctr(['start', 'second'])).toMatchObject({ status: 0 });
    await host.ctrOk('destroy', 'second');
  });
});

describe('the bridge of a network', () => {
  networkTest.for([
    ['is a link of the host', OUTSIDE.link, 'a link of this name is there, and is none of this network'],
    ['is another bridge', 'br7', 'a link of this name is there, and is none of this network'],
  ])('that %s is refused, and stays as it is', async ([, bridge, reason], { host, rig }) => {
    await host.sh('ip link add br7 type bridge');
    await defineLan(rig, host, 24, `<bridge name='${bridge}'/>`);
    const before = await host.sh('ip -br link; ip -br addr');
    const { status, stderr } = await host.ctr(['net', 'start', 'lan']);
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(await host.sh('ip -br link; ip -br addr')).toBe(before);
  });

  networkTest('has a name that a link can have', async ({ host, rig }) => {
    const text =
      "<network><name>lan</name><bridge name='a-name-of-16-let'/><ip address='10.77.0.1' prefix='24'/></network>";
    const { status, stderr } = await host.ctr(['net', 'define', rig.writeFile('lan.xml', text)]);
    expect(status).toBe(1);
    expect(stderr).toContain('must be 1 to 15 characters');
  });

  networkTest('that somebody else has to make must be there', async ({ host, rig }) => {
    const text = "<network><name>lan</name><forward mode='bridge'/><bridge name='br8'/></network>";
    await host.ctrOk('net', 'define', rig.writeFile('lan.xml', text));
    const { status, stderr } = await start(rig, host, 'web', port());
    expect(status).toBe(1);
    expect(stderr).toMatch(/the bridge 'br8' of the host is not there/);
  });
});
