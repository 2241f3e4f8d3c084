/** Several at one console: who types, who looks on, and what they are told. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ctrProgram,
  DETACH,
  describe,
  domainXml,
  expect,
  lacksProgram,
  type Rig,
  runProgram,
  test,
} from '../rig/index.js';

const ECHO = 'stty -echo; while read -r line; do echo "got $line"; done\n';

async function startWith(rig: Rig, init: string, consoles = 1): Promise<void> {
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(init), consoles }));
  await rig.ctrOk('start', 'vm');
}

describe('a console with several at it', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
  });

  test('one types, the others look on, and --take changes that', async ({ rig }) => {
    await startWith(rig, ECHO);
    const first = rig.terminal(['console', 'vm']);
    await first.waitFor('Escape is');
    await delay(300);
    const second = rig.terminal(['console', 'vm']);
    await second.waitFor('types here; you look on (--take takes it over)');
    second.type('lost\n');
    first.type('one\n');
    await Promise.all([first.waitFor('got one'), second.waitFor('got one')]);
    const third = rig.terminal(['console', '--take', 'vm']);
    await first.waitFor('has taken this console over');
    first.type('lost too\n');
    third.type('two\n');
    for (const terminal of [first, second, third]) await terminal.waitFor('got two');
    third.type(DETACH);
    expect(await third.ended()).toBe(0);
    // Nobody types now: who begins, does.
    second.type('three\n');
    await second.waitFor('you type here from now on');
    await first.waitFor('got three');
    for (const terminal of [first, second]) {
      expect(terminal.shown()).not.toContain('got lost');
      terminal.type(DETACH);
      expect(await terminal.ended()).toBe(0);
    }
  });

  test('has the size of the one who types', async ({ rig }) => {
    await startWith(rig, 'while read -r line; do echo "size $(stty size)"; done\n');
    const first = rig.terminal(['console', 'vm']);
    await first.waitFor('Escape is');
    await delay(300);
    const other = rig.terminal(['console', '--watch', 'vm'], { before: 'stty rows 60 cols 160' });
    await other.waitFor('Escape is');
    first.type('go\n');
    await first.waitFor('size 24 80');
    const taker = rig.terminal(['console', '--take', 'vm'], { before: 'stty rows 50 cols 150' });
    await taker.waitFor('size 24 80');
    await delay(200);
    taker.type('go\n');
    await taker.waitFor('size 50 150');
    for (const terminal of [first, other, taker]) {
      terminal.type(DETACH);
      expect(await terminal.ended()).toBe(0);
    }
  });

  test('--watch types nothing, even when nobody does', async ({ rig }) => {
    await startWith(rig, ECHO);
    const watcher = rig.terminal(['console', '--watch', 'vm']);
    await watcher.waitFor('Escape is');
    watcher.type('nothing\n');
    const writer = rig.terminal(['console', 'vm']);
    await writer.waitFor('Escape is');
    await delay(300);
    writer.type('something\n');
    await watcher.waitFor('got something');
    expect(watcher.shown()).not.toContain('got nothing');
    for (const terminal of [watcher, writer]) {
      terminal.type(DETACH);
      expect(await terminal.ended()).toBe(0);
    }
    expect((await rig.ctr(['console', '--watch', '--take', 'vm'])).status).toBe(2);
  });

  test('a script that types is refused when another does', async ({ rig }) => {
    await startWith(rig, ECHO);
    const type = () => runProgram(['sh', '-c', `echo from-a-script | ${ctrProgram} console vm`], { env: rig.env });
    expect(await type()).toMatchObject({ status: 0, stdout: expect.stringContaining('got from-a-script') });
    const writer = rig.terminal(['console', 'vm']);
    await writer.waitFor('got from-a-script');
    await delay(300);
    expect(await type()).toMatchObject({ status: 1, stderr: expect.stringContaining('another process types there') });
    writer.type(DETACH);
    await writer.ended();
  });

  test('a script that types before it has heard who does is refused as well', async ({ rig, skip }) => {
    const lack = lacksProgram('chrt') ?? lacksProgram('taskset');
    if (lack !== undefined) skip(lack);
    await startWith(rig, ECHO);
    const writer = rig.terminal(['console', 'vm']);
    await writer.waitFor('Escape is');
    await delay(300);
    // On one CPU, the monitor runs only when the script has nothing left to do.
    const { monitorPid } = await rig.info('vm');
    await runProgram(['sh', '-c', `chrt --idle --pid 0 ${monitorPid} && taskset --cpu-list --pid 0 ${monitorPid}`]);
    const typed = ['sh', '-c', `echo from-a-script | taskset --cpu-list 0 ${ctrProgram} console vm`];
    for (let round = 0; round < 5; round++)
      expect(await runProgram(typed, { env: rig.env })).toMatchObject({ status: 1, stdout: '' });
    writer.type(DETACH);
    await writer.ended();
  });
});

describe('keys that leave a console', () => {
  test('may be several, come in pieces, and stay the program’s when they are not all', async ({ rig, skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
    await startWith(
      rig,
      'stty -echo -icanon min 1; while :; do c=$(dd bs=1 count=1 2>/dev/null); printf "<%s>" "$c" | tr "\\020" P; done\n',
    );
    const terminal = rig.terminal(['console', '--escape', '^P,^Q', 'vm']);
    await terminal.waitFor('Escape is ^P ^Q');
    await delay(500);
    terminal.type('\x10x');
    await terminal.waitFor('<P><x>');
    // Alone, it comes when it has waited for the next one long enough.
    terminal.type('\x10');
    await terminal.waitFor('<P>');
    terminal.type('\x10\x10');
    await terminal.waitFor('<P>');
    terminal.type('\x11');
    expect(await terminal.ended()).toBe(0);
  });

  test('are checked before anything is attached', async ({ rig }) => {
    await startWith(rig, ECHO);
    for (const bad of ['', '^', '^]x', 'ab', '^1', 'a b c d e f g h i']) {
      const { status, stderr } = await rig.ctr(['console', '--escape', bad, 'vm']);
      expect({ bad, status, told: /escape/.test(stderr) }).toEqual({ bad, status: 2, told: true });
    }
  });
});

describe('a console that nobody reads', () => {
  test.beforeEach(({ skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
  });

  test('says so when no program has it open', async ({ rig }) => {
    await startWith(rig, 'while :; do sleep 3600; done\n', 2);
    const terminal = rig.terminal(['console', '--devname', 'console1', 'vm']);
    await terminal.waitFor('no program inside has this console open');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
  });

  test('says so when what was typed lies there', async ({ rig }) => {
    await startWith(rig, 'echo up; while :; do sleep 3600; done\n');
    const terminal = rig.terminal(['console', 'vm']);
    await terminal.waitFor('up');
    await delay(300);
    terminal.type('hello?\n');
    await terminal.waitFor('what was typed has not been read');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
  });

  test('says nothing where all is read', async ({ rig }) => {
    await startWith(rig, ECHO);
    const terminal = rig.terminal(['console', 'vm']);
    await terminal.waitFor('Escape is');
    await delay(300);
    terminal.type('one\n');
    await terminal.waitFor('got one');
    await delay(3000);
    expect(terminal.shown()).not.toContain('[ctr:');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
  });
});
