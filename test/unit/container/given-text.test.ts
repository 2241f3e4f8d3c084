import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  convertFile,
  defineFile,
  defineRoot,
  dumpxml,
  info,
  openEdit,
  validate,
  validateFile,
} from '../../../src/index.js';
import { makePlaces, xmlOf } from './places.js';

function recordOf(places: { readonly stateDir: string }, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(places.stateDir, 'containers', name, 'container.json'), 'utf8'));
}

describe('a .nspawn file', () => {
  test('is named by its file, and its tree lies beside it', async () => {
    const { places, write, mkdir } = makePlaces();
    const rootfs = mkdir('web');
    expect(await defineFile(write('web.nspawn', '[Exec]\nBoot=yes\n'), places)).toMatchObject({
      name: 'web',
      format: 'nspawn',
    });
    expect(info('web', places)).toMatchObject({ rootfs, format: 'nspawn' });
    expect(recordOf(places, 'web')).toMatchObject({ format: 'nspawn', name: 'web', rootfs });
  });

  test('gets another name and root when that is asked for', async () => {
    const { places, write, mkdir } = makePlaces();
    const rootfs = mkdir('elsewhere');
    const defined = await defineFile(write('web.nspawn', ''), { ...places, name: 'db', rootfs });
    expect(defined.name).toBe('db');
    expect(info('db', places).rootfs).toBe(rootfs);
  });

  test('without a tree is valid and convertible, but not defined', async () => {
    const { places, write } = makePlaces();
    const file = write('no-such-tree.nspawn', '[Exec]\nBoot=yes\n');
    await expect(defineFile(file, places)).rejects.toMatchObject({ code: 'CTR_IO', hint: '--rootfs DIR names it' });
    expect(await validateFile(file)).toMatchObject({ valid: true, format: 'nspawn' });
    const { losses } = await convertFile(file, { to: 'nspawn' });
    expect(losses).toEqual([expect.stringContaining("'/var/lib/machines/no-such-tree'")]);
  });

  test('with an image instead of a tree is refused', async () => {
    const { places, write } = makePlaces();
    write('web.raw', '');
    await expect(defineFile(write('web.nspawn', ''), places)).rejects.toMatchObject({ code: 'CTR_UNSUPPORTED' });
  });

  test('whose name is none for a container says what to do', async () => {
    const { places, write, mkdir } = makePlaces();
    const file = write('my web.nspawn', '');
    await expect(defineFile(file, places)).rejects.toMatchObject({ code: 'CTR_BAD_NAME', hint: expect.any(String) });
    expect(await defineFile(file, { ...places, name: 'web', rootfs: mkdir('tree') })).toMatchObject({ name: 'web' });
  });
});

describe('ids that a definition leaves to ctr', () => {
  const PICK = '[Exec]\nPrivateUsers=pick\n';

  test('are free ones, recorded, and part of the model from then on', async () => {
    const { places, write, mkdir } = makePlaces();
    for (const name of ['one', 'two']) {
      mkdir(name);
      await defineFile(write(`${name}.nspawn`, PICK), places);
    }
    const ranges = ['one', 'two'].map((name) => recordOf(places, name).idRanges as { outside: number }[]);
    expect(ranges).toEqual([
      [{ outside: expect.any(Number), count: 65536 }],
      [{ outside: expect.any(Number), count: 65536 }],
    ]);
    expect(ranges[0]?.[0]?.outside).not.toBe(ranges[1]?.[0]?.outside);
    expect(info('one', places).givesUp.join()).not.toMatch(/idmap/);
  });

  test('stay when the definition is replaced: the files of the root have them', async () => {
    const { places, write, mkdir } = makePlaces();
    mkdir('web');
    const { uuid } = await defineFile(write('web.nspawn', PICK), places);
    const before = recordOf(places, 'web').idRanges;
    const again = await defineFile(write('web.nspawn', `${PICK}Boot=yes\n`), { ...places, replace: true });
    expect(again).toMatchObject({ uuid, replaced: true });
    expect(recordOf(places, 'web').idRanges).toEqual(before);
  });
});

describe('a bare tree', () => {
  test('is booted with ids and a link of its own', async () => {
    const { places, mkdir } = makePlaces();
    const defined = await defineRoot(mkdir('web'), places);
    expect(defined).toMatchObject({ name: 'web', givesUp: [] });
    expect(info('web', places)).toMatchObject({ interfaces: [{ type: 'ethernet' }] });
    expect(openEdit('web', places).text).toContain('Boot=yes');
  });

  test('with settings beside it: they restrict, and take nothing away that protects', async () => {
    const { places, mkdir, write } = makePlaces();
    write(
      'web.nspawn',
      '[Exec]\nPrivateUsers=no\nDropCapability=CAP_NET_RAW\n[Files]\nReadOnly=yes\nBind=/etc:/host\n',
    );
    const defined = await defineRoot(mkdir('web'), places);
    expect(defined.givesUp).toEqual([]);
    expect(defined.renderedWarnings).toMatch(/'PrivateUsers' is ignored(.|\n)*'Bind' is ignored/);
    expect(recordOf(places, 'web')).toMatchObject({ untrusted: true, idRanges: [{ count: 65536 }] });
  });

  test('with settings that are trusted by name gets what they say', async () => {
    const { places, mkdir, write } = makePlaces();
    write('web.nspawn', '[Exec]\nPrivateUsers=no\n');
    const trusted = await defineRoot(mkdir('web'), { ...places, settings: 'trusted' });
    expect(trusted.givesUp.join()).toMatch(/no idmap/);
    const none = await defineRoot(mkdir('web'), { ...places, settings: 'no', replace: true });
    expect(none.givesUp).toEqual([]);
  });

  test('that is none is refused', async () => {
    const { places, scratch, write } = makePlaces();
    await expect(defineRoot(join(scratch, 'nothing'), places)).rejects.toMatchObject({ code: 'CTR_IO' });
    await expect(defineRoot(write('image', ''), places)).rejects.toMatchObject({ code: 'CTR_UNSUPPORTED' });
  });
});

describe("an OCI bundle's config.json", () => {
  const CONFIG = JSON.stringify({
    ociVersion: '1.0.2',
    process: { args: ['/bin/sh'], cwd: '/', user: { uid: 0, gid: 0 } },
    root: { path: 'rootfs' },
  });

  test('is named by its directory, which its paths start from, also when it is read again', async () => {
    const { places, write, mkdir } = makePlaces();
    write('web/config.json', CONFIG);
    const rootfs = mkdir('web/rootfs');
    expect(await defineFile(mkdir('web'), places)).toMatchObject({ name: 'web', format: 'oci' });
    expect(info('web', places)).toMatchObject({ rootfs, format: 'oci' });
    expect(openEdit('web', places).text).toBe(CONFIG);
  });

  test('is called as the user calls it', async () => {
    const { write } = makePlaces();
    const file = write('web/config.json', CONFIG.replace('"/bin/sh"', '3'));
    expect(await validateFile(file)).toMatchObject({ valid: false, diagnostics: [{ file }] });
  });

  test('from elsewhere needs a name', async () => {
    expect(validate(CONFIG, { file: '-' })).toMatchObject({ valid: false, diagnostics: [{ hint: '--name NAME' }] });
  });
});

describe('a text', () => {
  test('of no format that anybody knows is told, and has a fault', async () => {
    const { places, write } = makePlaces();
    const file = write('something', 'hello\n');
    await expect(defineFile(file, places)).rejects.toMatchObject({ code: 'CTR_BAD_CONFIG', hint: /--format/ });
    expect(validate('hello')).toMatchObject({ valid: false, diagnostics: [{ severity: 'error', line: 1 }] });
  });

  test('is read as what it is said to be', async () => {
    const { write } = makePlaces();
    const file = write('web.nspawn', xmlOf('web'));
    expect(await validateFile(file, { format: 'libvirt' })).toMatchObject({ valid: true, format: 'libvirt' });
  });

  test('keeps its own name and root where others are given', async () => {
    const { places, write, mkdir } = makePlaces();
    const text = JSON.stringify(JSON.parse((await convertFile(write('a.xml', xmlOf('web')), { to: 'json' })).text));
    const rootfs = mkdir('tree');
    await defineFile(write('web.json', text), { ...places, name: 'other', rootfs });
    expect(openEdit('other', places).text).toBe(text);
    expect(info('other', places)).toMatchObject({ name: 'other', rootfs, format: 'json' });
    expect(dumpxml('other', places)).toContain('<name>other</name>');
  });

  test('of a directory with neither bundle nor configuration says how to take it as a tree', async () => {
    const { places, mkdir } = makePlaces();
    await expect(defineFile(mkdir('tree'), places)).rejects.toMatchObject({ hint: /^ctr define --rootfs / });
  });
});

test('what a file names is read at define and never again', async () => {
  const { places, write, mkdir } = makePlaces();
  const include = write('common.conf', 'lxc.environment = A=1\n');
  const rootfs = mkdir('u1/rootfs');
  const file = write('u1/config', `lxc.include = ${include}\nlxc.rootfs.path = dir:${rootfs}\n`);
  await defineFile(file, places);
  writeFileSync(include, 'nonsense\n');
  expect(info('u1', places)).toMatchObject({ name: 'u1', rootfs, format: 'lxc' });
});
