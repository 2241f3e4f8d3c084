import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../src/config/index.js';
import { readTemplate, readTemplateDefinition, templateDir } from '../../../src/rootfs/make-tree.js';
import { fillPlaceholders, parseTemplate } from '../../../src/rootfs/template.js';

describe('fillPlaceholders', () => {
  test('replaces every key, and leaves other text with @ alone', () => {
    expect(fillPlaceholders('@A@ a@b @A_B@ @@', { A: '1', A_B: '$&' })).toBe('1 a@b $& @@');
  });

  test('refuses a key without a value', () => {
    expect(() => fillPlaceholders('@NAME@', {})).toThrow("no value for '@NAME@'");
  });
});

test('parseTemplate refuses modes that are none', () => {
  const template = {
    name: 'x',
    description: 'x',
    memoryBytes: 1,
    pids: 1,
    directories: {},
    links: {},
    files: { a: '755' },
  };
  expect(() => parseTemplate(JSON.stringify(template))).toThrow("'755' is not an octal mode");
});

describe('the busybox template', () => {
  test('lists exactly the files it holds', async () => {
    const { files, directories } = await readTemplate('busybox');
    const root = join(templateDir('busybox'), 'files');
    const found = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    expect(Object.keys(files).sort()).toEqual(found.sort());
    for (const file of Object.keys(files)) expect(directories).toHaveProperty([file.slice(0, file.lastIndexOf('/'))]);
  });

  test('has a definition without fault or warning, its own ids and network, and limits', async () => {
    const text = await readTemplateDefinition('busybox', {
      NAME: 'web',
      MEMORY_BYTES: '67108864',
      PIDS_LIMIT: "<ctr:pids max='256'/>",
      FIRST_UID: '1000000',
      FIRST_GID: '1000000',
      ACCESS_MODE: 'mapped',
      ID_COUNT: '65536',
      INTERFACE: '',
      ROOTFS: '/x/&amp;/rootfs',
    });
    const result = parseDefinition(text, { file: 'domain.xml' });
    expect(result).toMatchObject({
      ok: true,
      warnings: [],
      definition: {
        spec: {
          name: 'web',
          memory: { totalBytes: 67108864 },
          pids: { max: 256 },
          idmap: { uid: [{ inside: 0, outside: 1000000, count: 65536 }] },
          features: { privnet: true },
          filesystems: [{ type: 'mount', source: '/x/&/rootfs', target: '/', accessMode: 'mapped' }],
          lifecycle: { stopSignal: 'USR2' },
        },
      },
    });
  });
});
