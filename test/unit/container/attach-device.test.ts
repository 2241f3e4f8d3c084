import { describe, expect, test } from 'vitest';
import { attachDevice, define, defineFile, detachDevice, dumpxml } from '../../../src/index.js';
import { makePlaces, xmlOf } from './places.js';

const TMP = "<filesystem type='ram'><source usage='1024'/><target dir='/tmp'/></filesystem>";
const BRIDGE = "<interface type='bridge'><source bridge='br0'/></interface>";

async function defineWeb(devices = '') {
  const { places } = makePlaces();
  await define(xmlOf('web', devices), places);
  return { places, xml: () => dumpxml('web', places) };
}

function count(text: string, element: string): number {
  return text.split(`<${element}`).length - 1;
}

describe('attachDevice', () => {
  test.each([
    "<hostdev mode='capabilities' type='misc'><source><char>/dev/net/tun</char></source></hostdev>",
    "<disk type='block'><source dev='/dev/loop0'/><target dev='sda'/></disk>",
    "<console type='pty'/>",
    "<interface type='bridge'><source bridge='br0'/></interface>",
  ])('takes %s alone, with what is new about it and no more', async (device) => {
    const { places } = makePlaces();
    await define(xmlOf('web', '<graphics/>'), places);
    const changed = await attachDevice('web', device, places);
    expect(changed).toMatchObject({ warnings: [], renderedWarnings: '', refusals: [] });
    expect(await detachDevice('web', device, places)).toMatchObject({ warnings: [], refusals: [] });
  });

  test('adds a device to the definition, in its canonical place', async () => {
    const { places, xml } = await defineWeb(BRIDGE);
    await attachDevice('web', TMP, places);
    expect(xml()).toMatch(/<filesystem type='ram'.*<target dir='\/tmp'\/>.*<interface type='bridge'>/s);
    await attachDevice('web', "<?xml version='1.0'?>\n<!-- another -->\n<console type='pty'/>", places);
    expect(count(xml(), 'console')).toBe(2);
  });

  test('keeps uuid and MAC addresses', async () => {
    const { places, xml } = await defineWeb(BRIDGE);
    const before = xml();
    await attachDevice('web', TMP, places);
    await detachDevice('web', TMP, places);
    expect(xml()).toBe(before);
  });

  test('refuses one whose target or MAC address is taken', async () => {
    const { places } = await defineWeb();
    await attachDevice('web', TMP, places);
    await expect(attachDevice('web', TMP, places)).rejects.toThrow(
      "cannot attach a device to 'web': a filesystem with target '/tmp' is there already",
    );
    const mac = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/></interface>";
    await attachDevice('web', mac, places);
    await expect(attachDevice('web', mac, places)).rejects.toThrow(/MAC address '52:54:00:00:00:01' is there already/);
  });

  test.for([
    ['', /no element is in it/],
    ['hello', /no element is in it/],
    ["<domain type='lxc'/>", /<domain> is no device that can be attached/],
    [`${TMP}${BRIDGE}`, /one device at a time/],
    ['<filesystem>', /d\.xml:1:/],
    ["<filesystem type='ram'><target dir='tmp'/></filesystem>", /d\.xml:1:37: error: /],
    ["\n<filesystem type='ram' nonsense='1'><target dir='/a'/></filesystem>", /d\.xml:2:/],
  ] as const)('says where %j is wrong, and changes nothing', async ([text, message]) => {
    const { places, xml } = await defineWeb();
    const before = xml();
    await expect(attachDevice('web', text, { ...places, file: 'd.xml' })).rejects.toMatchObject({
      code: 'CTR_BAD_CONFIG',
      data: { rendered: expect.stringMatching(message) },
    });
    expect(xml()).toBe(before);
  });

  test('of another format is refused, with what to do instead', async () => {
    const { places, write, mkdir } = makePlaces();
    mkdir('web');
    await defineFile(write('web.nspawn', ''), places);
    await expect(attachDevice('web', TMP, places)).rejects.toMatchObject({
      code: 'CTR_UNSUPPORTED',
      message: "cannot attach a device to 'web': it is defined by systemd-nspawn settings",
      hint: expect.stringContaining('ctr edit web'),
    });
    await expect(attachDevice('other', TMP, places)).rejects.toMatchObject({ code: 'CTR_NOT_FOUND' });
  });
});

describe('detachDevice', () => {
  test('takes the one with the same target', async () => {
    const { places, xml } = await defineWeb(TMP + TMP.replace('/tmp', '/run'));
    await detachDevice('web', "<filesystem type='ram'><source usage='9'/><target dir='/tmp'/></filesystem>", places);
    expect(xml()).toContain('/run');
    expect(xml()).not.toContain('/tmp');
    await expect(detachDevice('web', TMP, places)).rejects.toThrow(/no filesystem with target '\/tmp' is there/);
  });

  test('takes an interface by its MAC address, and the others keep theirs', async () => {
    const { places, xml } = await defineWeb(BRIDGE + BRIDGE);
    const macs = [...xml().matchAll(/<mac address='([^']+)'/g)].map(([, mac]) => mac);
    await expect(detachDevice('web', BRIDGE, places)).rejects.toThrow(/2 of its interfaces fit/);
    await detachDevice('web', BRIDGE.replace('<source', `<mac address='${macs[0]}'/><source`), places);
    expect([...xml().matchAll(/<mac address='([^']+)'/g)].map(([, mac]) => mac)).toEqual([macs[1]]);
    await detachDevice('web', BRIDGE, places);
    expect(count(xml(), 'interface')).toBe(0);
  });
});
