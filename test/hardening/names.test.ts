/** Names, definition files, directories and environments that people and programs of the host give. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from '../../src/config/index.js';
import { describe, domainXml, expect, lacksProgram, projectRoot, type Rig, runProgram, test } from '../rig/index.js';
import { asUser, inside } from './box.js';

const BAD_NAMES = [
  '../../etc/x',
  '.',
  '..',
  '',
  '-rf',
  'a/b',
  'a\nb',
  'a b',
  'a'.repeat(65),
  'ａ',
  'x\u202ey',
  'dot.',
  'a\u0000b'.replace('\u0000', '\u0001'),
  '$(id)',
  '~root',
  '%s%n',
];

describe('a name', () => {
  test('S70 that is none is refused by every verb', { timeout: 180_000 }, async ({ rig }) => {
    const verbs = [['start'], ['stop'], ['destroy'], ['undefine', '--remove-storage'], ['console'], ['info'], ['plan']];
    for (const name of BAD_NAMES) {
      for (const verb of verbs) {
        const { status } = await rig.ctr([...verb, '--', name]);
        expect({ verb, name, refused: status === 1 || status === 2 }).toEqual({ verb, name, refused: true });
      }
      const entered = await rig.ctr(['enter', '--', name, 'true']);
      expect({ name, status: entered.status }).toEqual({ name, status: expect.toBeOneOf([2, 125]) });
      const booted = await rig.ctr(['bootstrap', '--template', 'busybox', '--', name]);
      expect({ name, refused: booted.status === 1 || booted.status === 2 }).toEqual({ name, refused: true });
      const text = domainXml({ name: name.replaceAll('<', '&lt;'), rootfs: '/' });
      expect({ name, status: (await rig.ctr(['define', rig.writeFile('x.xml', text)])).status }).toEqual({
        name,
        status: 1,
      });
    }
    expect(
      readdirSync(rig.stateDir)
        .concat(readdirSync(rig.runDir))
        .filter((name) => !/^(lock|containers)$/.test(name)),
    ).toEqual([]);
  });

  test('S70 that somebody has put on the disk is not believed', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    const containers = join(rig.stateDir, 'containers');
    for (const name of ['-rf', 'a b', 'dot.', '\u001b[2J', '$(touch x)']) {
      mkdirSync(join(containers, name));
      writeFileSync(join(containers, name, 'definition.xml'), domainXml({ name: 'vm', rootfs: '/' }));
      mkdirSync(join(rig.runDir, 'containers', name));
    }
    const listed = JSON.parse(await rig.ctrOk('list', '--all', '--json')) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(['vm']);
    await rig.ctrOk('gc');
    expect(readdirSync(containers)).toContain('-rf');
    for (const directory of [containers, join(rig.runDir, 'containers')]) {
      await runProgram([
        'find',
        directory,
        '-mindepth',
        '1',
        '-maxdepth',
        '1',
        '!',
        '-name',
        'vm',
        '-exec',
        'rm',
        '-r',
        '{}',
        ';',
      ]);
    }
  });

  test('S80 with the words of a shell in it, or a path with them, is only a text', async ({ rig }) => {
    const words = [
      '$(touch pwned)',
      '; touch pwned',
      '`touch pwned`',
      '--checkpoint-action=exec=touch pwned',
      '| touch pwned',
      '%n%n',
    ];
    const cwd = join(rig.scratch, 'cwd');
    mkdirSync(cwd);
    for (const [index, word] of words.entries()) {
      const rootfs = join(rig.scratch, word);
      renameSync(rig.makeRoot(), rootfs);
      const name = `vm${index}`;
      const file = join(rig.scratch, `${word}.xml`);
      writeFileSync(file, domainXml({ name, rootfs }));
      expect({ word, status: (await rig.ctr(['define', '--', file], { cwd })).status }).toEqual({ word, status: 0 });
      expect({ word, status: (await rig.ctr(['start', name], { cwd })).status }).toEqual({ word, status: 0 });
      const { stdout } = await rig.ctr(['enter', name, '--', 'echo', word], { cwd });
      expect(stdout).toBe(`${word}\n`);
      await rig.ctr(['start', '--', word], { cwd });
      await rig.ctr(['bootstrap', 'web', '--template', word], { cwd });
      await rig.ctr(['enter', '-u', word, '-w', word, name, '--', word], { cwd });
      const env = { CTR_STATE_DIR: join(rig.scratch, 'state', word), CTR_RUN_DIR: join(rig.scratch, 'run', word) };
      await rig.ctr(['bootstrap', 'web', '--template', 'busybox', '--password', word], { cwd, env });
      await rig.ctr(['start', 'web'], { cwd, env });
      await rig.ctr(['destroy', 'web'], { cwd, env });
      await rig.ctr(['undefine', 'web', '--remove-storage'], { cwd, env });
      await rig.ctr(['gc'], { cwd, env });
      for (const directory of [rig.stateDir, rig.runDir])
        await runProgram(['rm', '-rf', '--one-file-system', join(directory, word)]);
      await rig.ctrOk('destroy', name);
    }
    expect(readdirSync(cwd)).toEqual([]);
    const pwned = await runProgram(['find', rig.scratch, '-name', 'pwned']);
    expect(pwned.stdout).toBe('');
  });
});

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

  test('S73 that expands, nests or repeats without end is read in bounded memory', { timeout: 120_000 }, async ({
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

describe('what the caller has', () => {
  test('S77 flows neither into the container nor into the tools', async ({ rig }) => {
    const evil = join(rig.scratch, 'evil');
    mkdirSync(evil);
    for (const name of [
      'ip',
      'mount',
      'umount',
      'tar',
      'newuidmap',
      'busybox',
      'apt-get',
      'dpkg-deb',
      'flock',
      'cp',
      'modprobe',
      'nsenter',
    ]) {
      writeFileSync(join(evil, name), `#!/bin/sh\necho ${name} >> ${rig.scratch}/ran\n`, { mode: 0o755 });
    }
    writeFileSync(join(evil, 'required.cjs'), `require('fs').appendFileSync('${rig.scratch}/ran', 'node');`);
    const env = {
      PATH: `${evil}:${process.env.PATH}`,
      LD_PRELOAD: join(evil, 'nothing.so'),
      LD_LIBRARY_PATH: evil,
      NODE_OPTIONS: `--require=${join(evil, 'required.cjs')}`,
      NODE_PATH: evil,
      SECRET: 'of-the-caller',
      BASH_ENV: join(evil, 'ip'),
      ENV: join(evil, 'ip'),
      IFS: 'x',
    };
    const network = "<interface type='network'><source network='default'/></interface>";
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices: network }));
    for (const args of [
      ['bootstrap', 'web', '--template', 'busybox'],
      ['start', 'web'],
      ['start', 'vm'],
      ['check'],
      ['list'],
      ['info', 'web'],
    ]) {
      expect({ args, status: (await rig.ctr(args, { env })).status }).toEqual({ args, status: 0 });
    }
    const { stdout } = await rig.ctr(['enter', 'web', '--', 'sh', '-c', 'cat /proc/1/environ /proc/self/environ'], {
      env,
    });
    for (const name of ['SECRET', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_', 'BASH_ENV', 'IFS', evil, rig.scratch]) {
      expect(stdout).not.toContain(name);
    }
    await rig.ctr(['stop', 'web', 'vm', '--force'], { env });
    expect(existsSync(join(rig.scratch, 'ran')) ? readFileSync(join(rig.scratch, 'ran'), 'utf8') : '').toBe('');
  });

  test('S83 made by somebody else beforehand is not used', async ({ rig }) => {
    await rig.bootstrap('web');
    const start = (env: NodeJS.ProcessEnv) => rig.ctr(['start', 'web'], { env });
    const real = join(rig.scratch, 'real');
    mkdirSync(real, { mode: 0o700 });
    symlinkSync(real, join(rig.scratch, 'link'));
    mkdirSync(join(rig.scratch, 'open'));
    chmodSync(join(rig.scratch, 'open'), 0o777);
    mkdirSync(join(rig.scratch, 'foreign'), { mode: 0o700 });
    chownSync(join(rig.scratch, 'foreign'), 65534, 65534);
    mkdirSync(join(rig.scratch, 'within'), { mode: 0o700 });
    symlinkSync(real, join(rig.scratch, 'within/containers'));
    for (const name of ['link', 'open', 'foreign', 'within']) {
      const { status, stderr } = await start({ CTR_RUN_DIR: join(rig.scratch, name) });
      expect({ name, status, stderr }).toEqual({
        name,
        status: 1,
        stderr: expect.stringMatching(/symbolic link|another user|other users/),
      });
    }
    expect(readdirSync(real)).toEqual([]);
    // The files of a container's own directory, too.
    const victim = join(rig.scratch, 'victim');
    writeFileSync(victim, 'precious');
    await rig.ctrOk('start', 'web');
    await rig.ctrOk('destroy', 'web');
    const run = join(rig.runDir, 'containers/web');
    for (const name of ['plan', 'state', 'exit', 'definition.xml']) {
      await runProgram(['rm', '-f', join(run, name)]);
      symlinkSync(victim, join(run, name));
    }
    await runProgram(['rm', '-f', join(rig.stateDir, 'containers/web/console0.log')]);
    symlinkSync(victim, join(rig.stateDir, 'containers/web/console0.log'));
    await rig.ctr(['start', 'web']);
    await rig.ctr(['logs', 'web']);
    await rig.ctr(['destroy', 'web']);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('S84 tells another user nothing of what he may not see', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    await rig.bootstrap('web');
    chmodSync(rig.stateDir, 0o700);
    chmodSync(rig.runDir, 0o700);
    const say = async (args: readonly string[]) => {
      const { status, stdout, stderr } = await runProgram(asUser(65534, [join(projectRoot, 'bin/ctr'), ...args]), {
        env: rig.env,
      });
      return { status, text: (stdout + stderr).replaceAll(/web|nosuch/g, 'NAME') };
    };
    for (const verb of ['info', 'dumpxml', 'logs', 'start', 'stop', 'undefine', 'plan']) {
      expect({ verb, ...(await say([verb, 'web'])) }).toEqual({ verb, ...(await say([verb, 'nosuch'])) });
    }
    chmodSync(rig.stateDir, 0o711);
    chmodSync(rig.runDir, 0o711);
  });

  test('S84 is not removed by what did not make it', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs }));
    await rig.ctrOk('undefine', 'vm', '--remove-storage');
    expect(existsSync(join(rootfs, 'init'))).toBe(true);
    await rig.bootstrap('web');
    await startAndLink(rig, rootfs);
    expect(existsSync(join(rootfs, 'init'))).toBe(true);
  });
});

/** Root inside makes links to what is the host's; then its root is removed. */
async function startAndLink(rig: Rig, victim: string): Promise<void> {
  await rig.ctrOk('start', 'web');
  await inside(rig, 'web', `mkdir /d; ln -s ${victim} /d/link; ln -s / /d/root; ln -s ../../../../.. /d/up`);
  await rig.ctrOk('destroy', 'web');
  await rig.ctrOk('undefine', 'web', '--remove-storage');
}
