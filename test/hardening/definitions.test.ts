/** Hostile texts of definitions. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from '../../src/config/index.js';
import { describe, domainXml, expect, projectRoot, runProgram, slow, test } from '../rig/index.js';

describe('a definition', () => {
  test('S72 with a document type is refused before anything it names is opened', async ({ rig }) => {
    // Whoever opens it waits for ever.
    const fifo = join(rig.scratch, 'fifo');
    expect((await runProgram(['mkfifo', fifo])).status).toBe(0);
    const documents = [
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file://${fifo}">]>\n<domain type='lxc'><name>&a;</name></domain>`,
      `<!DOCTYPE x SYSTEM "file://${fifo}">\n${domainXml({ name: 'vm' })}`,
      `<!DOCTYPE x [<!ENTITY % p SYSTEM "file://${fifo}"> %p;]>\n${domainXml({ name: 'vm' })}`,
      `<?xml-stylesheet href="file://${fifo}"?>\n${domainXml({ name: 'vm' })}`,
      domainXml({ name: 'vm' }).replace(
        '<memory',
        `<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='${fifo}'/><memory`,
      ),
    ];
    for (const text of documents) {
      const { status, timedOut } = await rig.ctr(['define', rig.writeFile('x.xml', text)], { timeoutMs: 10_000 });
      expect({ text, status, timedOut }).toEqual({ text, status: 1, timedOut: false });
    }
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
