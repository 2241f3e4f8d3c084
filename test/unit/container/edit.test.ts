import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { define, dumpxml, openEdit } from '../../../src/index.js';
import { makePlaces, xmlOf } from './places.js';

const LINK = "<interface type='bridge'><source bridge='br0'/></interface>";
const NOTHING = { warnings: [], renderedWarnings: '', givesUp: [], refusals: [] };

async function edited() {
  const { places } = makePlaces();
  const { uuid } = await define(xmlOf('web'), places);
  const stored = () => readFileSync(join(places.stateDir, 'containers/web/definition'), 'utf8');
  return { places, uuid, stored, edit: openEdit('web', places) };
}

describe('openEdit', () => {
  test('gives the text as it was given, and stores another', async () => {
    const { edit, stored, places, uuid } = await edited();
    expect(edit).toMatchObject({ text: xmlOf('web'), format: 'libvirt' });
    const text = xmlOf('web').replace('65536', '1024');
    expect(await edit.save(text)).toEqual(NOTHING);
    expect(stored()).toBe(text);
    expect(dumpxml('web', places)).toContain(uuid);
  });

  test('says when nothing was changed', async () => {
    const { edit } = await edited();
    expect(await edit.save(edit.text)).toBeUndefined();
  });

  test('tells what is new: warnings, what is given up, what no start can give', async () => {
    const { places } = makePlaces();
    await define(xmlOf('web', LINK, '<features><privnet/></features>'), places);
    const text = xmlOf(
      'web',
      `${LINK}<disk type='block'><source dev='/dev/loop0'/><target dev='sda'/></disk><graphics/>`,
    );
    const changed = await openEdit('web', places).save(text.replace('<source bridge', '<virtualport/><source bridge'));
    expect(changed).toMatchObject({
      renderedWarnings: expect.stringMatching(/<graphics> has no effect/),
      givesUp: [expect.stringMatching(/^device '\/dev\/sda'/)],
      refusals: ['interface 1 asks for a virtual port profile'],
    });
  });

  test('can be tried again after a fault', async () => {
    const { edit, stored } = await edited();
    await expect(edit.save('<domain')).rejects.toMatchObject({ code: 'CTR_BAD_CONFIG', data: expect.anything() });
    expect(stored()).toBe(xmlOf('web'));
    expect(await edit.save(xmlOf('web').replace('65536', '2048'))).toEqual(NOTHING);
  });

  test('keeps name and uuid', async () => {
    const { edit, stored, uuid } = await edited();
    await expect(edit.save(xmlOf('other'))).rejects.toThrow(
      "cannot edit 'web': its name cannot change, and the text says 'other'",
    );
    const other = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';
    await expect(edit.save(xmlOf('web', '', `<uuid>${other}</uuid>`))).rejects.toThrow(/its uuid cannot change/);
    expect(stored()).toBe(xmlOf('web'));
    expect(await edit.save(xmlOf('web', '', `<uuid>${uuid}</uuid>`))).toEqual(NOTHING);
  });

  test('does not overwrite what somebody else has changed meanwhile', async () => {
    const { edit, stored, places } = await edited();
    const theirs = xmlOf('web').replace('65536', '4096');
    await openEdit('web', places).save(theirs);
    await expect(edit.save(xmlOf('web').replace('65536', '2048'))).rejects.toMatchObject({ code: 'CTR_LOCKED' });
    expect(stored()).toBe(theirs);
  });
});

test('what this host cannot give is told at once, and stored all the same', async () => {
  const { places } = makePlaces();
  const { refusals } = await define(xmlOf('web', '', '<resource><partition>/a b</partition></resource>'), places);
  expect(refusals).toEqual(["cannot place 'web' in partition '/a b': it is no path of cgroups"]);
  expect(dumpxml('web', places)).toContain('<partition>/a b</partition>');
});
