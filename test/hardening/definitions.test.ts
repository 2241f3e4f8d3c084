/** Hostile texts of definitions. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { TextFormat } from '../../src/config/detect-format.js';
import { formatDefinition, loadFormat, parseDefinition } from '../../src/config/index.js';
import { describe, domainXml, expect, makeSpec, projectRoot, runProgram, slow, test } from '../rig/index.js';

describe('a definition', () => {
  test('S72 with a document type is refused before anything it names is opened', async ({ rig }) => {
    // Whoever opens it waits for ever.
    const fifo = join(rig.scratch, 'fifo');
    expect((await runProgram(['mkfifo', fifo])).status).toBe(0);
    // What would be a definition without it. That nothing is opened has more locks than one: no reader of ours opens what a text
    // names, so it is the refusal, with its place, that is looked at.
    const plain = domainXml({ name: 'vm', rootfs: '/srv' });
    const documents: [string, RegExp][] = [
      [
        `<!DOCTYPE x [<!ENTITY a SYSTEM "file://${fifo}">]>\n<domain type='lxc'><name>&a;</name></domain>`,
        /:1:1: error: a DOCTYPE is not accepted/,
      ],
      [`<!DOCTYPE x SYSTEM "file://${fifo}">\n${plain}`, /:1:1: error: a DOCTYPE is not accepted/],
      [`<!DOCTYPE x [<!ENTITY % p SYSTEM "file://${fifo}"> %p;]>\n${plain}`, /:1:1: error: a DOCTYPE is not accepted/],
      [`<!DOCTYPE domain>\n${plain}`, /:1:1: error: a DOCTYPE is not accepted/],
      [`<?xml-stylesheet href="file://${fifo}"?>\n${plain}`, /:1:1: error: processing instructions are not accepted/],
      [plain.replace('<name>vm<', '<name>&vm;<'), /:\d+:\d+: error: /],
      [
        plain.replace('<memory', `<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='${fifo}'/><memory`),
        /:\d+:\d+: error: /,
      ],
    ];
    for (const [text, error] of documents) {
      const define = ['define', rig.writeFile('x.xml', text)];
      const { status, stderr, timedOut } = await rig.ctr(define, { timeoutMs: 10_000 });
      expect({ text, status, stderr, timedOut }).toEqual({
        text,
        status: 1,
        stderr: expect.stringMatching(error),
        timedOut: false,
      });
    }
    expect((await rig.ctr(['define', rig.writeFile('x.xml', plain)])).status).toBe(0);
  });

  test('S73 that expands, nests or repeats without end is read in bounded memory', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    const mebibyte = 1024 * 1024 - 2048;
    const many = (piece: string) => piece.repeat(Math.floor(mebibyte / piece.length));
    const laughs = `<!DOCTYPE x [<!ENTITY a0 "lol">${Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('')}]>\n<domain>&a20;</domain>`;
    const bodies = [
      laughs,
      domainXml({ name: 'vm' }).replace('<memory', `<description>${many('&#65;')}</description><memory`),
      domainXml({ name: 'vm' }).replace('<memory', `<description>${many('&amp;')}</description><memory`),
      domainXml({ name: 'vm' }).replace('<memory', `${many('<a>')}<memory`),
      domainXml({ name: 'vm' }).replace('<memory', `${many('<a b="c"/>')}<memory`),
      domainXml({ name: 'vm' }).replace('<domain ', `<domain ${many(' a="b"')} `),
      `<domain ${' '.repeat(mebibyte)}`,
      `<!--${'-'.repeat(mebibyte)}`,
      `${'<'.repeat(mebibyte)}`,
    ];
    for (const [index, body] of bodies.entries()) {
      const file = rig.writeFile('big.xml', body);
      const argv = [process.execPath, '--max-old-space-size=150', join(projectRoot, 'dist/main.cjs'), 'validate', file];
      const { status, timedOut } = await runProgram(argv, { env: rig.env, timeoutMs: 20_000 });
      expect({ index, timedOut, status: status === 0 || status === 1 }).toEqual({
        index,
        timedOut: false,
        status: true,
      });
    }
  });

  test('S73 that is too large, or too deep, is refused before it is taken apart', async ({ rig }) => {
    const file = (name: string, text: string) => ({ name, path: rig.writeFile(name, text) });
    const plain = domainXml({ name: 'vm', rootfs: '/srv' });
    const large = ' '.repeat(1024 * 1024);
    const oci =
      '{"ociVersion":"1.0.2","root":{"path":"/srv"},"process":{"args":["x"],"cwd":"/","user":{"uid":0,"gid":0}}';
    for (const { name, path } of [
      file('large.xml', plain + large),
      file('large.conf', `lxc.uts.name = vm\nlxc.rootfs.path = /srv\n${large}`),
      file('large.nspawn', `[Exec]\nBoot=yes\n${large}`),
      file('large.json', `${oci}}${large}`),
    ]) {
      const { status, stderr } = await rig.ctr(['validate', path]);
      expect({ name, status, stderr }).toEqual({
        name,
        status: 1,
        stderr: expect.stringMatching(/error: the file is longer than 1024 KiB/),
      });
    }
    const nest = (depth: number) => plain.replace('<memory', `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}<memory`);
    for (const [name, text, error] of [
      ['deep.xml', nest(64), /error: elements are nested deeper than 64/],
      ['deep.json', `${oci},"annotations":${'['.repeat(70)}${']'.repeat(70)}}`, /error: nested more than 64 deep/],
    ] as const) {
      const { status, stderr } = await rig.ctr(['validate', file(name, text).path]);
      expect({ name, status, stderr }).toEqual({ name, status: 1, stderr: expect.stringMatching(error) });
    }
    expect((await rig.ctr(['validate', file('more.xml', nest(40)).path])).stderr).not.toContain('nested');
    // What is no definition any more is not even read to its end.
    const { stderr } = await rig.ctr(['validate', file('huge.xml', ' '.repeat(9 * 1024 * 1024)).path]);
    expect(stderr).toMatch(/it is larger than 8388608 bytes/);
  });

  test('S74 with names of JavaScript’s own changes nothing of them', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
    for (const name of names) {
      for (const text of [
        domainXml({ name: 'vm', rootfs: '/' }).replace('<memory', `<${name}><polluted>1</polluted></${name}><memory`),
        domainXml({ name: 'vm', rootfs: '/' }).replace('<memory', `<memory ${name}='polluted'`),
        domainXml({ name: 'vm', rootfs: '/', features: `<features><${name}/></features>` }),
        domainXml({ name: 'vm', rootfs: '/', metadata: `<ctr:${name} polluted='1'/>` }),
        domainXml({ name: 'vm', rootfs: '/', devices: `<${name} type='mount'/><filesystem type='${name}'/>` }),
        domainXml({
          name: 'vm',
          rootfs: '/',
          features: `<features><capabilities policy='${name}'><${name} state='on'/></capabilities></features>`,
        }),
      ]) {
        expect({ text, ok: parseDefinition(text, { file: 'x.xml' }).ok }).toEqual({ text, ok: false });
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }
    }
  });

  test('S74 with such names in JSON, in INI and in keys is refused, or keeps them as a text', async () => {
    await Promise.all((['oci', 'json', 'lxc', 'nspawn'] as const).map(loadFormat));
    const oci = (more: string) =>
      `{"ociVersion":"1.0.2","root":{"path":"/srv"},"process":{"args":["x"],"cwd":"/","user":{"uid":0,"gid":0}}${more}}`;
    const spec = formatDefinition({ spec: makeSpec('/srv') }, 'json');
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
    for (const name of names) {
      const value = '{"polluted":"1","path":"/evil"}';
      const refused: [TextFormat, string][] = [
        ['oci', oci(`,"linux":{"namespaces":[{"type":"${name}"}]}`)],
        ['oci', oci(`,"linux":{"seccomp":{"defaultAction":"${name}"}}`)],
        ['json', spec.replace('{', `{"${name}":${value},`)],
        ['lxc', `lxc.uts.name = vm\nlxc.rootfs.path = /srv\nlxc.${name} = polluted\n`],
        ['lxc', `lxc.uts.name = vm\nlxc.rootfs.path = /srv\nlxc.arch = ${name}\n`],
        ['lxc', `lxc.uts.name = vm\nlxc.rootfs.path = /srv\nlxc.mount.auto = ${name}\n`],
        ['lxc', `lxc.uts.name = vm\nlxc.rootfs.path = /srv\nlxc.cap.drop = ${name}\n`],
      ];
      for (const [format, text] of refused) {
        const { ok } = parseDefinition(text, { file: 'x', format, name: 'vm' });
        expect({ text, ok }).toEqual({ text, ok: false });
      }
      // What the specification wants passed over.
      for (const unknown of [`,"${name}":${value}`, `,"linux":{"${name}":${value}}`, `,"hooks":{"${name}":[]}`]) {
        const plain = parseDefinition(oci(unknown.replace(name, 'unknown')), { file: 'x', format: 'oci', name: 'vm' });
        const read = parseDefinition(oci(unknown), { file: 'x', format: 'oci', name: 'vm' });
        expect({ unknown, ok: read.ok }).toEqual({ unknown, ok: plain.ok });
        if (read.ok && plain.ok) expect(read.definition.spec).toEqual(plain.definition.spec);
      }
      // Names that are anybody's to choose.
      const kept = parseDefinition(oci(`,"annotations":{"${name}":"polluted"}`), {
        file: 'x',
        format: 'oci',
        name: 'vm',
      });
      if (!kept.ok) throw new Error(`annotation ${name}: ${JSON.stringify(kept.diagnostics)}`);
      expect(kept.definition.spec.annotations).toEqual([{ name, value: 'polluted' }]);
      expect(JSON.parse(formatDefinition(kept.definition, 'oci')).annotations).toHaveProperty([name], 'polluted');
      const settings = { file: 'x', format: 'nspawn', name: 'vm', rootfs: '/srv' } as const;
      for (const text of [`[${name}]\npolluted=1\n`, `[Exec]\n${name}=polluted\nCapability=${name}\n`]) {
        const plain = parseDefinition('', settings);
        const read = parseDefinition(text, settings);
        if (read.ok && plain.ok) expect(read.definition.spec).toEqual(plain.definition.spec);
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    }
  });

  test('S82 that every user may write to is refused', async ({ rig }) => {
    const file = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs: '/' }));
    chmodSync(file, 0o666);
    for (const verb of ['define', 'validate']) {
      const { status, stderr } = await rig.ctr([verb, file]);
      expect({ verb, status, stderr }).toEqual({
        verb,
        status: 1,
        stderr: `ctr: cannot read '${file}': every user may write to it\nhint: chmod o-w ${file}\n`,
      });
    }
    chmodSync(file, 0o644);
    await rig.ctrOk('define', file);
  });
});
