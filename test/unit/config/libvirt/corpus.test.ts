import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatLibvirtXml, parseDefinition } from '../../../../src/config/index.js';
import { CORPUS, lacksCorpus } from '../../../rig/needs.js';

const lack = lacksCorpus();

function filesOf(folder: string, form: RegExp): string[] {
  if (lack !== undefined) return [];
  return readdirSync(join(CORPUS, folder))
    .filter((file) => form.test(file))
    .map((file) => join(CORPUS, folder, file));
}

const nameOf = (path: string) => path.split('/').at(-1) ?? '';

describe("libvirt's own files", () => {
  test.beforeEach(({ skip }) => {
    if (lack !== undefined) skip(lack);
  });

  const all = [
    ...filesOf('libvirt-xml', /\.xml$/),
    ...filesOf('lxc-conf', /\.xml$/),
    ...filesOf('libvirt-docs', /\.xml$/),
  ];

  test('are there', () => {
    expect(all.length).toBeGreaterThan(15);
  });

  const isCanonical = (path: string) =>
    /lxc(conf2xml)?-.*\.xml$/.test(nameOf(path)) && nameOf(path) !== 'lxc-filesystem-ram.xml';
  const canonical = all.filter((path) => isCanonical(path));

  test.each(canonical.map((path) => [nameOf(path), path]))('%s comes out byte for byte', (file, path) => {
    const text = readFileSync(path, 'utf8');
    const result = parseDefinition(text, { file });
    expect(result.ok ? formatLibvirtXml(result.definition) : result.diagnostics).toBe(text);
  });

  test('lxc-filesystem-ram.xml comes out as its expected file', () => {
    const read = (file: string) => readFileSync(join(CORPUS, 'libvirt-xml', file), 'utf8');
    const result = parseDefinition(read('lxc-filesystem-ram.xml'), { file: 'ram.xml' });
    expect(result.ok && formatLibvirtXml(result.definition)).toBe(read('lxc-filesystem-ram.out.xml'));
  });

  test.each(all.filter((path) => !isCanonical(path)).map((path) => [nameOf(path), path]))(
    '%s is read, and its print is stable',
    (file, path) => {
      const result = parseDefinition(readFileSync(path, 'utf8'), { file });
      if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
      const print = formatLibvirtXml(result.definition);
      const again = parseDefinition(print, { file });
      expect(again.ok && again.definition).toEqual(result.definition);
      expect(again.ok && formatLibvirtXml(again.definition)).toBe(print);
    },
  );

  test("the two files of libvirt's documentation are read without a remark", () => {
    for (const path of filesOf('libvirt-docs', /\.xml$/)) {
      expect(parseDefinition(readFileSync(path, 'utf8'), { file: nameOf(path) })).toMatchObject({
        ok: true,
        warnings: [],
      });
    }
  });
});
