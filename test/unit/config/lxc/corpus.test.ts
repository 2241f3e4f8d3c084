import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReport } from '../../../../src/config/diagnostics.js';
import { formatDomain } from '../../../../src/config/libvirt/format-libvirt-xml.js';
import { readLxcLikeLibvirt } from '../../../../src/config/lxc/read-like-libvirt.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import { readSeccompFile } from '../../../../src/config/lxc/seccomp-file.js';
import { CORPUS, lacksCorpus } from '../../../rig/needs.js';
import { sourcesOf } from './sources.js';

const UUID = 'c7a5fdbd-edaf-9455-926a-d65c16db1809';
const FOLDER = join(CORPUS, 'lxc-conf');
const lack = lacksCorpus();
const files = lack === undefined ? readdirSync(FOLDER) : [];
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

describe('samples of libvirt and LXC', () => {
  test.beforeEach(({ skip }) => {
    if (lack !== undefined) skip(lack);
  });

  test('are there', () => {
    expect(files.length).toBeGreaterThan(25);
  });

  const configs = files.filter((file) => /^lxcconf2xml-.*\.config$/.test(file));
  const topicOf = (file: string) => file.replace(/(-v3)?\.config$/, '');

  test.each(configs.filter((file) => topicOf(file) !== 'lxcconf2xml-fstab'))(
    '%s becomes the domain that libvirt makes of it, byte for byte',
    (file) => {
      const { definition, diagnostics } = readLxcLikeLibvirt(read(file), { file, uuid: UUID });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(definition?.document && formatDomain(definition.document)).toBe(read(`${topicOf(file)}.xml`));
    },
  );

  test('a file of mounts is refused, as libvirt does', () => {
    const { definition, diagnostics } = readLxcLikeLibvirt(read('lxcconf2xml-fstab.config'), { file: 'x', uuid: UUID });
    expect(definition).toBeUndefined();
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { line: 11, column: 1, message: "libvirt refuses 'lxc.mount'" },
    ]);
  });

  test.each(configs)("%s is read with LXC's own meaning", (file) => {
    const { definition, diagnostics } = readLxc(read(file), {
      file,
      sources: sourcesOf({ '/var/lib/lxc/migrate_test/fstab': 'proc proc proc nodev 0 0\n' }),
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual(
      file === 'lxcconf2xml-idmap-v3.config' ? IDS_OF_LIBVIRT : [],
    );
    if (file !== 'lxcconf2xml-idmap-v3.config') expect(definition?.spec.name).toBe('migrate_test');
  });

  test.each(files.filter((file) => /^upstream-.*conf/.test(file)))(
    '%s is read once its names are filled in',
    (file) => {
      const text = read(file).replaceAll(/@[A-Z]+@/g, '/usr/share/lxc/config');
      const sources = sourcesOf({ '/usr/share/lxc/config/userns.conf.d/README': 'nothing' });
      const { definition, diagnostics } = readLxc(text, { file, name: 'web', rootfs: '/srv/web', sources });
      expect(diagnostics).toEqual([]);
      expect(definition?.spec).toMatchObject({ format: 'lxc', name: 'web' });
    },
  );

  test('upstream-common.seccomp gives one rule for each of its lines', () => {
    const report = createReport('common.seccomp', '');
    const { profile, refusals } = readSeccompFile(read('upstream-common.seccomp'), report);
    expect(report.diagnostics()).toEqual([]);
    expect(refusals).toEqual([]);
    expect(profile).toMatchObject({ defaultAction: 'allow' });
    expect(profile?.rules.map(({ names, action, errno }) => `${names.join()} ${action} ${errno}`)).toEqual([
      'umount2 errno 13',
      'kexec_load errno 1',
      'open_by_handle_at errno 1',
      'init_module errno 1',
      'finit_module errno 1',
      'delete_module errno 1',
    ]);
  });
});

/** The sample has libvirt's order of columns: to LXC its root has no id. */
const IDS_OF_LIBVIRT = ['uid', 'gid'].map((kind, index) =>
  expect.objectContaining({
    line: 4 + index,
    message: `'lxc.idmap' must map root: no ${kind} range begins at id 0 inside`,
  }),
);
