/** vsh on a real terminal: what a person sees, and that the terminal is his again on every way out. */
import { readlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { lacksProgram } from '../rig/needs.js';
import { runProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { vshTest as test, type Vshd } from '../rig/vsh.js';

/** Modes before and after, and the exit status. */
const AFTER = 'echo "status $?"; stty -a | tr ";" "\\n" | grep -E "icanon|isig" ; echo the end';

/** Nobody who is killed can make the shell wait: its watcher restores the terminal at the same time as the shell goes on. */
const AFTER_KILL = `status=$?; i=0; while [ $i -lt 50 ] && stty -a | grep -q -e -icanon; do i=$((i+1)); sleep 0.1; done; (exit $status); ${AFTER}`;

function needScript(skip: (reason: string) => void): void {
  const lack = lacksProgram('script');
  if (lack !== undefined) skip(lack);
}

/** Of all that run here only vsh and its watcher begin with these words; vsh has the lower number. */
async function findVsh(vshd: Vshd): Promise<number> {
  const { stdout } = await runProgram(['pgrep', '-f', `^[^ ]*/vsh --unix=${vshd.socket} `]);
  return Math.min(...stdout.trim().split('\n').map(Number));
}

async function openShell(vshd: Vshd, after = AFTER) {
  const terminal = vshd.terminal(['--user=root', '--', 'PS1=ready$ ', 'sh'], after);
  await terminal.waitFor('ready$ ');
  return terminal;
}

async function expectRestored(terminal: Awaited<ReturnType<typeof openShell>>, status: number): Promise<string> {
  const shown = await terminal.waitFor('the end', 20_000);
  expect(shown).toMatch(new RegExp(`status ${status}\\r?\\n`));
  expect(shown).toMatch(/(^|\s)icanon/m);
  expect(shown).toMatch(/(^|\s)isig/m);
  await terminal.ended();
  return shown;
}

describe('vsh on a terminal', () => {
  test('has one of its own: tty, size, job control, status', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = await openShell(vshd);
    terminal.type('tty; stty size; echo x > /dev/tty\n');
    await terminal.waitFor(/\/dev\/pts\/\d+\r\n24 80\r\nx\r\n/);
    terminal.type('sleep 1000\n');
    await new Promise((resolve) => setTimeout(resolve, slow(300)));
    terminal.type('\x1a');
    await terminal.waitFor(/Stopped/);
    terminal.type('fg\n');
    await terminal.waitFor('sleep 1000');
    await new Promise((resolve) => setTimeout(resolve, slow(200)));
    terminal.type('\x03');
    await terminal.waitFor('ready$ ');
    terminal.type('exit 5\n');
    await expectRestored(terminal, 5);
  });

  test('follows a change of size', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = vshd.terminal([
      '--user=root',
      '--',
      'sh',
      '-c',
      'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done',
    ]);
    await terminal.waitFor('ready');
    const tty = readlinkSync(`/proc/${await findVsh(vshd)}/fd/0`);
    await runProgram(['sh', '-c', `stty rows 40 cols 100 < ${tty}`]);
    await terminal.waitFor('40 100');
    expect(await terminal.ended()).toBe(0);
  });

  test('^D at the beginning of a line ends cat', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = vshd.terminal(['--user=root', '--', 'cat'], AFTER);
    terminal.type('one\n');
    await terminal.waitFor(/one\r\none\r\n/);
    terminal.type('\x04');
    await expectRestored(terminal, 0);
  });

  test('is restored when vshd is killed: 123, and why', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = await openShell(vshd);
    terminal.type('kill -9 $PPID\n');
    expect(await expectRestored(terminal, 123)).toContain('the connection ended before the command did');
  });

  test.for([
    ['HUP', 129],
    ['TERM', 143],
  ] as const)('passes SIG%s on and is restored', async ([signal, status], { vshd, skip }) => {
    needScript(skip);
    const terminal = vshd.terminal(['--user=root', '--', 'sh', '-c', 'echo ready; exec sleep 1000'], AFTER);
    await terminal.waitFor('ready');
    process.kill(await findVsh(vshd), `SIG${signal}`);
    await expectRestored(terminal, status);
  });

  test('is restored when vsh is killed', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = await openShell(vshd, AFTER_KILL);
    process.kill(await findVsh(vshd), 'SIGKILL');
    await expectRestored(terminal, 137);
  });

  test('a background process that holds the terminal does not hang it', async ({ vshd, skip }) => {
    needScript(skip);
    const terminal = await openShell(vshd);
    terminal.type(`(trap "" HUP; exec sleep ${slow(8)}) & exit 3\n`);
    const started = Date.now();
    await expectRestored(terminal, 3);
    expect(Date.now() - started).toBeLessThan(slow(7000));
  });

  test('in a container it is of the container’s own devpts', { timeout: slow(120_000) }, async ({
    rig,
    vshd,
    skip,
  }) => {
    needScript(skip);
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const terminal = vshd.terminal(['--target_container=web', '--', 'sh', '-c', 'tty; stty size; cat'], AFTER);
    await terminal.waitFor(/\/dev\/pts\/\d+\r\n24 80\r\n/);
    terminal.type('half a line');
    await terminal.waitFor('half a line');
    terminal.type('\n\x04');
    await expectRestored(terminal, 0);
    const other = vshd.terminal(['--target_container=web', '--', 'sh', '-c', 'echo ready; sleep 1000'], AFTER);
    await other.waitFor('ready');
    await rig.ctrOk('destroy', 'web');
    expect(await expectRestored(other, 137)).toContain("container 'web' stopped");
  });
});
