/** `enter` on a terminal: its size, its signals, and the caller's terminal afterwards. */
import { readFileSync } from 'node:fs';
import { ctrProgram, describe, expect, lacksProgram, type Rig, slow, test } from '../rig/index.js';
import { openTerminal } from '../rig/terminal.js';

const SIZES = 200;

async function startWeb(rig: Rig): Promise<void> {
  await rig.bootstrap('web');
  await rig.ctrOk('start', 'web');
}

/** Modes of the terminal and flags of its open file, as two lines. */
const STATE = `stty -g; grep flags /proc/self/fdinfo/0`;
const STATES = /([0-9a-f]+(?::[0-9a-f]+){5,})\r?\n(flags:\s*\d+)/g;

describe('ctr enter on a terminal', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
  });

  test('has the size of the caller’s from the first look on, each time', { timeout: slow(180_000) }, async ({
    rig,
  }) => {
    await startWeb(rig);
    const used = () => Number(readFileSync('/proc/sys/kernel/pty/nr', 'utf8'));
    const before = used();
    const loop = `i=0; while [ $i -lt ${SIZES} ]; do i=$((i+1)); stty rows $((10+i%90)) cols $((40+i)); echo "size $(stty size) $(${ctrProgram} enter -t web -- stty size </dev/tty)"; done; echo the end`;
    const terminal = openTerminal(loop, rig.env);
    const shown = await terminal.waitFor('the end', 160_000);
    await terminal.ended();
    const sizes = [...shown.matchAll(/size (\d+ \d+) (\d+ \d+)/g)];
    expect(sizes.length).toBe(SIZES);
    for (const [, own, inside] of sizes) expect(inside).toBe(own);
    await expect.poll(used, { timeout: slow(5000) }).toBeLessThanOrEqual(before);
  });

  test('follows the window', async ({ rig }) => {
    await startWeb(rig);
    const inside = `trap 'echo now $(stty size)' WINCH; echo ready; while :; do sleep 0.1; done`;
    const terminal = openTerminal(
      `(sleep 2; stty rows 41 cols 123 < /dev/tty) & ${ctrProgram} enter web -- sh -c "${inside.replaceAll('$', '\\$')}"`,
      rig.env,
    );
    await terminal.waitFor('ready');
    await terminal.waitFor('now 41 123');
    terminal.type('\x03');
    await terminal.ended();
  });

  test.for([
    ['its own end', 'exit 3', '', 3],
    ['SIGTERM', 'trap "" TERM; sleep 1000', 'TERM', 143],
    ['SIGTERM, which its process hears', 'trap "exit 5" TERM; while :; do sleep 0.1; done', 'TERM', 5],
    ['SIGHUP', 'trap "" HUP; sleep 1000', 'HUP', 129],
    ['SIGINT, which its process hears', 'trap "exit 6" INT; while :; do sleep 0.1; done', 'INT', 6],
    ['SIGQUIT, which its process hears', 'trap "exit 7" QUIT; while :; do sleep 0.1; done', 'QUIT', 7],
    ['SIGKILL', 'sleep 1000', 'KILL', 137],
  ] as const)('leaves the caller’s terminal as it was: %s', async ([, inside, signal, expected], { rig }) => {
    await startWeb(rig);
    const pid = `${rig.scratch}/pid`;
    const kill = signal === '' ? '' : `(sleep 1.5; kill -${signal} $(cat ${pid})) &`;
    const run = `sh -c 'echo $$ > ${pid}; exec ${ctrProgram} enter web -- sh -c "$1"' sh '${inside}'`;
    const terminal = openTerminal(
      `${STATE}; ${kill} ${run}; echo "status $?"; sleep 0.5; ${STATE}; echo the end`,
      rig.env,
    );
    const shown = await terminal.waitFor('the end', 20_000);
    await terminal.ended();
    expect(shown).toContain(`status ${expected}`);
    const states = [...shown.matchAll(STATES)].map(([, modes, flags]) => `${modes} ${flags}`);
    expect(states.length).toBe(2);
    expect(states[1]).toBe(states[0]);
  });

  test('ends with its container, says so, and leaves the terminal as it was', async ({ rig }) => {
    await startWeb(rig);
    const terminal = openTerminal(
      `${STATE}; ${ctrProgram} enter web -- sh -c 'echo in; sleep 1000'; echo "status $?"; ${STATE}; echo the end`,
      rig.env,
    );
    await terminal.waitFor(/^in\r?$/m);
    await rig.ctrOk('destroy', 'web');
    const shown = terminal.shown();
    await terminal.waitFor('the end');
    await terminal.ended();
    expect(terminal.shown()).toContain("container 'web' stopped");
    expect(terminal.shown()).toContain('status 137');
    const states = [...terminal.shown().matchAll(STATES)].map(([, modes]) => modes);
    expect(states[1]).toBe(states[0]);
    expect(shown).not.toBe('');
  });

  test.for([
    ['leaves the alternate screen', String.raw`\033[?1049h\033[Hvi`, 1],
    ['that it has left stays', String.raw`\033[?1049hvi\033[?10`, 1],
    ['that it never had is not left: the cursor would move', 'plain', 0],
  ] as const)('ended by force, the terminal %s', async ([, said, count], { rig }) => {
    await startWeb(rig);
    const terminal = rig.terminal([
      'enter',
      'web',
      '--',
      'sh',
      '-c',
      `printf '${said}'; ${said.endsWith('10') ? "sleep 0.1; printf '49l'; " : ''}kill -9 $$`,
    ]);
    expect(await terminal.ended()).toBe(137);
    const reset = terminal.said().slice(terminal.said().indexOf('vi') + 1);
    expect(reset.split('\x1b[?1049l')).toHaveLength(count + 1);
    expect(reset).toContain('\x1b[?25h');
  });

  test('has job control: ^Z, fg and ^C are its shell’s business', async ({ rig }) => {
    await startWeb(rig);
    const terminal = rig.terminal(['enter', 'web']);
    await terminal.waitFor(/[#$] $/);
    terminal.type('sleep 1000\n');
    await expect.poll(() => rig.ctrOk('enter', 'web', '--', 'ps')).toContain(' sleep 1000');
    terminal.type('\x1a');
    await terminal.waitFor(/Stopped/);
    terminal.type('jobs; fg\n');
    await terminal.waitFor(/Stopped\)?\s+sleep 1000/);
    await terminal.waitFor(/sleep 1000/);
    terminal.type('\x03');
    await terminal.waitFor(/[#$] $/);
    terminal.type('echo direct > /dev/tty; exit 0\n');
    await terminal.waitFor(/^direct/m);
    expect(await terminal.ended()).toBe(0);
  });
});
