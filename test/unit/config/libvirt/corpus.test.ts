import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatLibvirtXml, parseDefinition } from '../../../../src/config/index.js';
import { CORPUS, lacksCorpus } from '../../../rig/needs.js';

/** What these files use and ctr cannot do yet, as the message says it. */
const NOT_YET: Readonly<Record<string, string>> = {
  'lxc-disk-formats.xml': "not supported yet: <filesystem type='file'> (a file with a file system inside)",
  'portprofile.xml': "not supported yet: <interface type='direct'> (a macvlan on a device of the host)",
  'lxcconf2xml-blkiotune.xml': 'not supported yet: <device> (rules for single block devices)',
  'lxcconf2xml-cpusettune.xml': 'not supported yet: <numatune> (placement of memory on NUMA nodes)',
  'lxcconf2xml-macvlannetwork.xml': "not supported yet: <interface type='direct'> (a macvlan on a device of the host)",
  'lxcconf2xml-physnetwork.xml': 'not supported yet: <hostdev> (devices and links of the host)',
  'lxcconf2xml-vlannetwork.xml': 'not supported yet: <hostdev> (devices and links of the host)',
};

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
  const canonical = all.filter((path) => isCanonical(path) && !(nameOf(path) in NOT_YET));

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

  test.each(all.filter((path) => !isCanonical(path) && !(nameOf(path) in NOT_YET)).map((path) => [nameOf(path), path]))(
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

  test.each(all.filter((path) => nameOf(path) in NOT_YET).map((path) => [nameOf(path), path]))(
    '%s needs what is not supported yet, and nothing else is wrong with it',
    (file, path) => {
      const result = parseDefinition(readFileSync(path, 'utf8'), { file });
      const errors = result.ok ? [] : result.diagnostics.filter(({ severity }) => severity === 'error');
      expect([...new Set(errors.map(({ message }) => message))]).toEqual([NOT_YET[file]]);
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
