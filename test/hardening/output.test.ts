/** Hostile bytes on their way out of a container to a terminal or a program. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, domainXml, expect, lacksProgram, type Rig, runProgram, test } from '../rig/index.js';
import { startVm } from './box.js';

/** Bytes that steer a terminal: C0 but tab and line ends, DEL, and the C1 controls as UTF-8. */
const CONTROL = new RegExp(
  `[${String.fromCharCode(0)}-\b\v\f${String.fromCharCode(14)}-${String.fromCharCode(31)}\x7f\x80-\x9f]`,
);
const ESCAPE = String.fromCharCode(27);

/** What a command writes to a terminal, as it comes. */
async function onTerminal(rig: Rig, args: readonly string[]): Promise<string> {
  const line = [ctrProgram, ...args].map((word) => `'${word}'`).join(' ');
  const { stdout } = await runProgram(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...rig.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  return stdout;
}

describe('on a terminal', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
  });

  test('S100 no escape sequence of a container passes the logs', async ({ rig }) => {
    const sequences = [
      '\\033]52;c;cHduZWQ=\\a',
      '\\033]0;title\\a',
      '\\033[2J\\033[H',
      '\\033[6n',
      '\\033Pq\\033\\\\',
      '\\302\\233' + '31m',
      '\\302\\2350;title\\302\\234',
      '\\010\\010\\010',
      '\\016\\017',
      '\\342\\200\\256txt',
    ];
    await startVm(rig, { init: `printf 'begin ${sequences.join(' ')} end\\n'; sleep 3600\n` });
    await expect.poll(() => rig.ctrOk('logs', 'vm')).toContain('end');
    const shown = await onTerminal(rig, ['logs', 'vm']);
    expect(shown).toContain('begin');
    expect(shown).toContain('end');
    expect(CONTROL.exec(shown.replaceAll('\r', ''))).toBeNull();
    expect(shown).not.toContain('\u202e');
  });

  test('S100 nor a list, a description or an error', async ({ rig }) => {
    const rootfs = join(rig.scratch, 'root\u009b31m\u202eevil');
    renameSync(rig.makeRoot(), rootfs);
    await rig.define(
      domainXml({ name: 'vm', rootfs }).replace(
        '<memory',
        '<title>t\u009b2J</title><description>\u009b6n\u202e</description><memory',
      ),
    );
    await rig.ctrOk('start', 'vm');
    mkdirSync(join(rig.scratch, `dir${ESCAPE}[2J`));
    const commands = [
      ['list', '--all'],
      ['info', 'vm'],
      ['plan', 'vm'],
      ['info', `x${ESCAPE}[2J`],
      ['define', join(rig.scratch, `no${ESCAPE}[2Jfile.xml`)],
      ['define', join(rig.scratch, `dir${ESCAPE}[2J`)],
      ['start', `no${ESCAPE}[2Jname`],
      ['enter', 'vm', '--', `no${ESCAPE}[2Jprogram`],
      ['enter', '-u', `no${ESCAPE}[2Juser`, 'vm', '--', 'true'],
      ['enter', '-w', `/no${ESCAPE}[2Jdir`, 'vm', '--', 'true'],
      [`no${ESCAPE}[2Jverb`],
      ['list', `--no${ESCAPE}[2Joption`],
    ];
    for (const args of commands) {
      const shown = (await onTerminal(rig, args)).replaceAll('\r', '');
      expect({ args, control: CONTROL.exec(shown)?.[0], bidi: shown.includes('\u202e') }).toEqual({
        args,
        control: undefined,
        bidi: false,
      });
      expect(shown.length).toBeGreaterThan(0);
    }
  });
});

describe('as JSON', () => {
  test('S106 hostile texts stay texts', async ({ rig }) => {
    const rootfs = join(rig.scratch, 'a"b\\c,"state":"running"}],[{\u2028</script>');
    mkdirSync(join(rootfs, '..'), { recursive: true });
    renameSync(rig.makeRoot('printf \'{"x":"\\001\\377"}\'; sleep 3600\n'), rootfs);
    const xml = domainXml({ name: 'vm', rootfs: rootfs.replaceAll('<', '&lt;').replaceAll('>', '&gt;') });
    await rig.define(xml);
    const stopped = JSON.parse(await rig.ctrOk('list', '--all', '--json')) as unknown[];
    expect(stopped).toHaveLength(1);
    expect(stopped[0]).toMatchObject({ name: 'vm', state: 'stopped' });
    expect(await rig.info('vm')).toMatchObject({ name: 'vm', rootfs, state: 'stopped' });
    await rig.ctrOk('start', 'vm');
    expect(await rig.info('vm')).toMatchObject({ name: 'vm', rootfs, state: 'running' });
    const failed = await rig.ctr(['start', 'vm']);
    expect(failed.status).toBe(1);
  });
});
