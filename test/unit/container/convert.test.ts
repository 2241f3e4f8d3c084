import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convert, convertFile, defineFile, dumpxml, type TextFormat } from '../../../src/index.js';
import { CORPUS, lacksCorpus } from '../../rig/needs.js';
import { makePlaces, xmlOf } from './places.js';

const ROOT = "<filesystem type='mount'><source dir='/srv/web'/><target dir='/'/></filesystem>";
const FORMATS: readonly TextFormat[] = ['libvirt', 'nspawn', 'lxc', 'oci', 'json'];

describe('convert', () => {
  test('prints the format it is already in, and loses nothing', () => {
    const canonical = convert(xmlOf('web', ROOT), { to: 'libvirt' });
    expect(canonical.losses).toEqual([]);
    expect(convert(canonical.text, { to: 'libvirt' }).text).toBe(canonical.text);
    expect(canonical.text).not.toMatch(/<uuid>|<mac /);
  });

  test('adds a uuid, and the MAC addresses that follow from it, when one is given', () => {
    const uuid = 'c7a5fdbd-edaf-9455-926a-d65c16db1809';
    const device = "<interface type='bridge'><source bridge='br0'/></interface>";
    const { text } = convert(xmlOf('web', device), { to: 'libvirt', uuid });
    expect(text).toContain(`<uuid>${uuid}</uuid>`);
    expect(text).toMatch(/<mac address='52:54:00:/);
  });

  test('to its own JSON and back is the same text', () => {
    const { text } = convert(xmlOf('web', ROOT), { to: 'libvirt' });
    const json = convert(text, { to: 'json' });
    expect(json.losses).toEqual([]);
    expect(convert(json.text, { to: 'libvirt' }).losses).toEqual([]);
  });

  test.for(FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const)))(
    'from %s to %s names each loss in one line, and prints what can be read',
    ([from, to]) => {
      const given = (format: TextFormat) => (format === 'nspawn' ? { name: 'web', rootfs: '/srv' } : { name: 'web' });
      const { text } = convert(xmlOf('web', ROOT), { to: from });
      const { text: converted, losses } = convert(text, { ...given(from), format: from, to });
      for (const loss of losses) expect(loss).toMatch(/^\P{Cc}+$/u);
      expect(new Set(losses).size).toBe(losses.length);
      expect(convert(converted, { ...given(to), format: to, to }).losses).toEqual([]);
    },
  );

  test('an overlay on the root keeps its place behind the directory below it', () => {
    const text = '[Files]\nOverlay=/srv/a:/srv/b:/\nTemporaryFileSystem=/t\n';
    const { text: xml } = convert(text, { format: 'nspawn', to: 'libvirt', name: 'web', rootfs: '/srv' });
    expect(convert(xml, { to: 'nspawn' }).text).toContain('Overlay=/srv/a:/srv/b:/\n');
  });

  test('clocks with offsets have a time namespace', () => {
    const text = 'lxc.uts.name = web\nlxc.rootfs.path = /srv/web\nlxc.time.offset.boot = 5h\n';
    const { text: config, losses } = convert(text, { format: 'lxc', to: 'oci' });
    expect(JSON.parse(config)).toMatchObject({
      linux: { timeOffsets: { boottime: { secs: 18000 } }, namespaces: expect.arrayContaining([{ type: 'time' }]) },
    });
    expect(losses.filter((loss) => loss.includes('time'))).toEqual([]);
  });

  test('names what the other format has no word for', () => {
    const { losses } = convert(xmlOf('web', ROOT, '<title>The web</title>'), { to: 'nspawn' });
    expect(losses).toEqual(
      expect.arrayContaining(["title is lost: 'The web'", 'limit of memory is lost: 67108864 bytes']),
    );
  });

  test.for([
    [{ to: 'libvirt', uuid: 'x' }, /uuid 'x' is not written as in/],
    [{ to: 'nspawn', uuid: 'c7a5fdbd-edaf-9455-926a-d65c16db1809' }, /--uuid goes with --to xml/],
    [{ to: 'libvirt', emulator: '/x' }, /--emulator goes with --like-libvirt/],
    [{ to: 'libvirt', likeLibvirt: true }, /--like-libvirt is from lxc to xml/],
  ] as const)('refuses %j', ([options, message]) => {
    expect(() => convert(xmlOf('web'), options)).toThrow(message);
  });
});

test('dumpxml gives libvirt’s XML of any definition', async () => {
  const { places, write, mkdir } = makePlaces();
  const rootfs = mkdir('web');
  const { uuid } = await defineFile(write('web.nspawn', '[Exec]\nBoot=yes\n[Network]\nVirtualEthernet=yes\n'), places);
  const xml = dumpxml('web', places);
  expect(xml).toContain(`<uuid>${uuid}</uuid>`);
  expect(xml).toContain(`<type arch='${machine()}'>exe</type>`);
  expect(xml).toContain(`<source dir='${rootfs}'/>`);
});

describe('convertFile', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksCorpus();
    if (lack !== undefined) skip(lack);
  });

  test("prints libvirt's canonical files byte for byte, and names no loss", async () => {
    const folder = join(CORPUS, 'libvirt-xml');
    const files = readdirSync(folder).filter((file) => /^lxc-.*(?<!\.out)\.xml$/.test(file));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const expected = join(folder, file.replace(/\.xml$/, '.out.xml'));
      const text = readFileSync(existsSync(expected) ? expected : join(folder, file), 'utf8');
      expect(await convertFile(join(folder, file), { to: 'libvirt' })).toMatchObject({ text, losses: [] });
    }
  });

  test("prints what libvirt's own conversion prints of an LXC configuration", async () => {
    const folder = join(CORPUS, 'lxc-conf');
    const files = readdirSync(folder).filter((file) => file.endsWith('.config'));
    expect(files.length).toBeGreaterThan(10);
    const options = { to: 'libvirt', likeLibvirt: true, uuid: 'c7a5fdbd-edaf-9455-926a-d65c16db1809' } as const;
    for (const file of files) {
      const expected = join(folder, file.replace(/(?:-v3)?\.config$/, '.xml'));
      const converted = convertFile(join(folder, file), options);
      if (existsSync(expected)) {
        expect({ file, ...(await converted) }).toMatchObject({
          file,
          text: readFileSync(expected, 'utf8'),
          losses: [],
        });
      } else {
        await expect(converted, file).rejects.toMatchObject({ code: 'CTR_BAD_CONFIG' });
      }
    }
  });
});
