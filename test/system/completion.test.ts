import { join } from 'node:path';
import { describe, domainXml, expect, lacksProgram, projectRoot, type Rig, runProgram, test } from '../rig/index.js';

const PROGRAM = join(projectRoot, 'bin/ctr');

/** Does what readline does at TAB: bash(1), "Programmable Completion". The first argument is $2, the others are COMP_WORDS. */
const PRESS_TAB = `
set -u
source <("$PROGRAM" completion bash)
complete -p ctr >/dev/null || exit
current=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_ctr "$1" "$current" "\${COMP_WORDS[COMP_CWORD - 1]}"
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** What bash would offer for these words, of which readline has split some. */
async function pressTab(rig: Rig, words: readonly string[], current = words.at(-1) ?? '', env = {}): Promise<string[]> {
  const line = [PROGRAM, ...words];
  const { status, stdout, stderr } = await runProgram(['bash', '--norc', '-c', PRESS_TAB, 'bash', current, ...line], {
    env: { ...rig.env, PROGRAM, ...env },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

describe('completion', () => {
  test('in bash, the stub offers verbs, options, values and the containers that are there', async ({ rig, skip }) => {
    const lack = lacksProgram('bash');
    if (lack !== undefined) skip(lack);
    const rootfs = rig.makeRoot();
    for (const name of ['web', 'web2', 'db']) await rig.define(domainXml({ name, rootfs }));
    await rig.ctrOk('start', 'web');

    expect(await pressTab(rig, ['st'])).toEqual(['start', 'stop', 'stats']);
    expect(await pressTab(rig, ['stop', ''])).toEqual(['web']);
    expect(await pressTab(rig, ['start', 'db', 'w'])).toEqual(['web', 'web2']);
    expect(await pressTab(rig, ['enter', '--user', 'a', ':', 'b', ''])).toEqual(['web']);
    expect(await pressTab(rig, ['enter', 'web', '--', ''])).toEqual([]);
    expect(await pressTab(rig, ['stop', '--f'])).toEqual(['--force']);
    // The cursor stands inside of the word.
    expect(await pressTab(rig, ['stop'], 'st')).toEqual(['start', 'stop', 'stats']);
    // Of a word that readline split, the last part alone is replaced.
    expect(await pressTab(rig, ['bootstrap', '--template', '='], '')).toEqual(['busybox']);
    expect(await pressTab(rig, ['bootstrap', '--template', '=', 'b'])).toEqual(['busybox']);
    expect(await pressTab(rig, ['bootstrap', '--template=b'])).toEqual(['--template=busybox']);
    expect(await pressTab(rig, ['define', ''])).toEqual([]);

    await rig.ctrOk('stop', 'web');
    expect(await pressTab(rig, ['stop', ''])).toEqual([]);
    // What cannot be read is not told on the terminal.
    const file = rig.writeFile('file', '');
    expect(await pressTab(rig, ['info', ''], '', { CTR_STATE_DIR: file, CTR_RUN_DIR: file })).toEqual([]);
  });

  test('loads none of the packages, whatever is completed', async ({ rig }) => {
    const hook = rig.writeFile(
      'hook.cjs',
      `const fs = require('node:fs');
      const read = fs.readFileSync;
      const files = [];
      fs.readFileSync = (file, ...rest) => (files.push(String(file)), read(file, ...rest));
      process.on('exit', () => {
        const all = [...files, ...Object.keys(require.cache)];
        console.error(all.filter((file) => file.includes('/dist/lib/')).join());
      });`,
    );
    const loaded = async (...args: string[]) => {
      const argv = [process.execPath, '--require', hook, join(projectRoot, 'dist/main.cjs'), ...args];
      return (await runProgram(argv, { env: rig.env })).stderr.trim();
    };
    expect(await loaded('validate', '--help')).toContain('fast-xml-parser');
    for (const words of [['bootstrap', '-'], ['info', ''], ['define', ''], ['']]) {
      expect(await loaded('__complete', '--', ...words)).toBe('');
    }
  });

  test.for(['bash', 'zsh', 'fish'])('%s accepts the syntax of its stub', async (shell, { rig, skip }) => {
    const lack = lacksProgram(shell);
    if (lack !== undefined) skip(lack);
    const file = rig.writeFile('stub', await rig.ctrOk('completion', shell));
    expect(await runProgram([shell, '-n', file], { env: rig.env })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('is printed for shells that are known', async ({ rig }) => {
    expect(await rig.ctr(['completion', 'csh'])).toMatchObject({ status: 2, stdout: '' });
    expect(await rig.ctr(['completion'])).toMatchObject({ status: 2, stdout: '' });
  });
});
