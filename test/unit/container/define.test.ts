import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { define, dumpxml, info, list, undefine, validate } from '../../../src/index.js';
import { makeFakeHelper, makeScratchDir } from '../exec/fake-helper.js';

const UUID = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';

function xml(name: string, more = '', memory = '65536'): string {
  return `<domain type='lxc'><name>${name}</name>${more}<memory>${memory}</memory>
<os><type>exe</type><init>/bin/sh</init></os><devices><console type='pty'/></devices></domain>`;
}

function makePlaces() {
  const scratch = makeScratchDir();
  return { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run'), helper: makeFakeHelper() };
}

function filesOf(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort() : [];
}

describe('define', () => {
  test('stores the text as given, with a uuid, and says what it gives up', async () => {
    const places = makePlaces();
    const defined = await define(xml('web'), places);
    expect(defined).toMatchObject({ name: 'web', replaced: false, warnings: [] });
    expect(defined.givesUp.join()).toMatch(/no idmap/);
    expect(readFileSync(join(places.stateDir, 'containers/web/definition'), 'utf8')).toBe(xml('web'));
    expect(list({ ...places, all: true })).toEqual([{ name: 'web', state: 'stopped', uuid: defined.uuid }]);
    expect(dumpxml('web', places)).toContain(`<uuid>${defined.uuid}</uuid>`);
  });

  test('refuses a name that is taken, and keeps what was there', async () => {
    const places = makePlaces();
    await define(xml('web'), places);
    await expect(define(xml('web', '', '1024'), places)).rejects.toMatchObject({ code: 'CTR_EXISTS' });
    await expect(define(xml('web', `<uuid>${UUID}</uuid>`), places)).rejects.toThrow(/the name is taken, by uuid/);
    expect(dumpxml('web', places)).toContain('65536');
  });

  test('replaces the definition of the same uuid', async () => {
    const places = makePlaces();
    await define(xml('web', `<uuid>${UUID}</uuid>`), places);
    const again = await define(xml('web', `<uuid>${UUID}</uuid>`, '1024'), places);
    expect(again).toMatchObject({ uuid: UUID, replaced: true });
    expect(dumpxml('web', places)).toContain('>1024<');
  });

  test('refuses a uuid that another container has', async () => {
    const places = makePlaces();
    await define(xml('web', `<uuid>${UUID}</uuid>`), places);
    await expect(define(xml('other', `<uuid>${UUID}</uuid>`), places)).rejects.toMatchObject({
      code: 'CTR_EXISTS',
      message: `cannot define 'other': its uuid ${UUID} is that of 'web'`,
    });
  });

  test('a faulty text leaves nothing behind, and tells all faults', async () => {
    const places = makePlaces();
    await expect(define(xml('web', '<nonsense/>', 'lots'), { ...places, file: 'w.xml' })).rejects.toMatchObject({
      code: 'CTR_BAD_CONFIG',
      message: "cannot read definition 'w.xml': it has 2 faults",
      data: { rendered: expect.stringMatching(/w\.xml:1:\d+: error: .*\n(.*\n)*w\.xml:1:\d+: error: /) },
    });
    expect(filesOf(places.stateDir)).toEqual([]);
  });

  test('of 8 at once with one name exactly one succeeds', async () => {
    const places = makePlaces();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => define(xml('web'), places)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CTR_EXISTS' });
    }
  });
});

describe('undefine', () => {
  test('removes everything of a container', async () => {
    const places = makePlaces();
    await define(xml('web'), places);
    expect(await undefine('web', places)).toEqual({ name: 'web' });
    expect(filesOf(places.stateDir)).toEqual(['containers', 'lock']);
    expect(filesOf(places.runDir)).toEqual(['containers']);
    await expect(undefine('web', places)).rejects.toMatchObject({ code: 'CTR_NOT_FOUND' });
  });

  async function makeStored(madeByCtr: boolean) {
    const places = makePlaces();
    await define(xml('web', `<uuid>${UUID}</uuid>`), places);
    const dir = join(places.stateDir, 'containers/web');
    mkdirSync(join(dir, 'rootfs'));
    writeFileSync(join(dir, 'rootfs/file'), 'x');
    const record = JSON.parse(readFileSync(join(dir, 'container.json'), 'utf8'));
    writeFileSync(join(dir, 'container.json'), JSON.stringify({ ...record, rootfsMadeByCtr: madeByCtr }));
    return { places, dir };
  }

  test('keeps a root that ctr made, until it is told to remove it', async () => {
    const { places, dir } = await makeStored(true);
    writeFileSync(join(dir, 'console0.log'), 'x');
    expect(await undefine('web', places)).toEqual({ name: 'web', keptStorage: join(dir, 'rootfs') });
    expect(readdirSync(dir).sort()).toEqual(['container.json', 'rootfs']);
    expect(list({ ...places, all: true })).toEqual([]);
    await define(xml('web'), places);
    expect(info('web', places).rootfsMadeByCtr).toBe(true);
    await undefine('web', places);
    expect(await undefine('web', { ...places, removeStorage: true })).toEqual({ name: 'web' });
    expect(readdirSync(join(places.stateDir, 'containers'))).toEqual([]);
  });

  test('never removes a root that ctr did not make', async () => {
    const { places, dir } = await makeStored(false);
    await expect(undefine('web', { ...places, removeStorage: true })).rejects.toThrow(/ctr did not make it/);
    expect(existsSync(join(dir, 'rootfs/file'))).toBe(true);
    expect(existsSync(join(dir, 'definition'))).toBe(true);
  });
});

describe('damaged definitions', () => {
  test('are listed as unknown, explained by info, and can be undefined', async () => {
    const places = makePlaces();
    await define(xml('good'), places);
    await define(xml('bad'), places);
    writeFileSync(join(places.stateDir, 'containers/bad/container.json'), '{');
    expect(list({ ...places, all: true }).map(({ name, state }) => [name, state])).toEqual([
      ['bad', 'unknown'],
      ['good', 'stopped'],
    ]);
    expect(info('bad', places)).toMatchObject({ state: 'unknown', fault: expect.stringContaining('is damaged') });
    expect(() => dumpxml('bad', places)).toThrow(/cannot read container 'bad'/);
    await undefine('bad', places);
    expect(list({ ...places, all: true }).map(({ name }) => name)).toEqual(['good']);
  });

  test('a definition that is no XML any more', async () => {
    const places = makePlaces();
    await define(xml('bad'), places);
    writeFileSync(join(places.stateDir, 'containers/bad/definition'), 'garbage');
    expect(info('bad', places)).toMatchObject({ state: 'unknown', fault: expect.stringContaining('it has a fault') });
    await expect(define(xml('bad'), places)).rejects.toMatchObject({ code: 'CTR_EXISTS' });
  });
});

test('names are checked by every function', async () => {
  const places = makePlaces();
  for (const name of ['', '.', '..', 'a/b', '../x', 'a'.repeat(65), 'a\nb', 'ä', '-x']) {
    expect(() => info(name, places)).toThrow(/cannot use name '.*': a name is/);
    await expect(undefine(name, places)).rejects.toMatchObject({ code: 'CTR_BAD_NAME' });
  }
});

test('validate tells everything and stores nothing', () => {
  expect(validate(xml('web'), { file: 'w.xml' })).toMatchObject({ valid: true, diagnostics: [], rendered: '' });
  expect(validate('<domain', { file: 'w.xml' })).toMatchObject({
    valid: false,
    rendered: expect.stringContaining('w.xml:1:'),
  });
});
