/** Names, and paths with odd characters in them. */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, runProgram, slow, test } from '../rig/index.js';

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
  test('S70 that is none is refused by every verb', { timeout: slow(180_000) }, async ({ rig }) => {
    const verbs = [['start'], ['stop'], ['destroy'], ['undefine', '--remove-storage'], ['console'], ['info'], ['plan']];
    for (const name of BAD_NAMES) {
      for (const verb of verbs) {
        const { status, stderr } = await rig.ctr([...verb, '--', name]);
        expect({ verb, name, refused: status === 1 || status === 2 }).toEqual({ verb, name, refused: true });
        // For the name itself, not because nothing lies there.
        expect({ verb, name, stderr }).toMatchObject({ stderr: expect.stringMatching(/a name is 1 to 64 characters/) });
      }
      const entered = await rig.ctr(['enter', '--', name, 'true']);
      expect({ name, status: entered.status }).toEqual({ name, status: expect.toBeOneOf([2, 125]) });
      expect(entered.stderr).toMatch(/a name is 1 to 64 characters/);
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
      writeFileSync(join(containers, name, 'definition'), domainXml({ name: 'vm', rootfs: '/' }));
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
