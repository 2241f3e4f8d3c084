import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatCheck } from '../../../src/cli/commands/check.js';
import { formatInfo } from '../../../src/cli/commands/info.js';
import { formatList } from '../../../src/cli/commands/list.js';
import { describeCommands } from '../../../src/cli/describe-commands.js';
import { describeEnd } from '../../../src/cli/describe-exit.js';
import { formatHelp } from '../../../src/cli/help.js';
import { exitStatusOf, renderError } from '../../../src/cli/render-error.js';
import { findVerb, VERBS } from '../../../src/cli/verbs.js';
import { VERSION } from '../../../src/cli/version.js';
import { CtrError, ERROR_CODES } from '../../../src/errors.js';

const ROOT = join(import.meta.dirname, '../../..');

describe('the table of verbs', () => {
  test('has every name and alias once, and loads a command for each', async () => {
    const names = VERBS.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
    expect(new Set(names).size).toBe(names.length);
    for (const verb of VERBS) expect(typeof (await verb.load()).command.configure).toBe('function');
    expect(findVerb('ls')?.name).toBe('list');
    expect(findVerb('exec')?.name).toBe('enter');
    expect(findVerb('toString')).toBeUndefined();
  });

  test('help fits 80 columns and names every verb', () => {
    const help = formatHelp(VERBS);
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const { name, summary } of VERBS) expect(help).toContain(`  ${name.padEnd(15)}${summary}`);
  });
});

describe('docs', () => {
  test('commands.md is what the commands say (npm run generate)', () => {
    expect(readFileSync(join(ROOT, 'docs/reference/commands.md'), 'utf8')).toBe(describeCommands());
  });

  test('the help of every command fits 80 columns', () => {
    const blocks = describeCommands()
      .split('```')
      .filter((_, index) => index % 2 === 1);
    // A verb with actions has a block for each of them as well.
    expect(describeCommands().match(/^### ctr /gm)).toHaveLength(VERBS.length);
    expect(
      blocks
        .join('')
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test('errors.md explains every code, each with its exit status', () => {
    const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
    const rows = [...text.matchAll(/^## (CTR_\w+)\n\nExit status (\d+)\./gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(Object.fromEntries(rows)).toEqual(ERROR_CODES);
    expect(rows).toHaveLength(Object.keys(ERROR_CODES).length);
  });

  test('the version is that of the package', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version).toBe(VERSION);
  });
});

describe('renderError', () => {
  test('is one line and at most one hint', () => {
    const error = new CtrError('CTR_RUNNING', "cannot start 'web': it is running", { hint: 'ctr stop web' });
    expect(renderError(error, { debug: false })).toBe("ctr: cannot start 'web': it is running\nhint: ctr stop web");
    expect(exitStatusOf(error)).toBe(1);
  });

  test('shows the lines of a faulty configuration first', () => {
    const error = new CtrError('CTR_BAD_CONFIG', 'cannot read definition', {
      data: { rendered: 'x.xml:1:1: error: bad' },
    });
    expect(renderError(error, { debug: false })).toBe('x.xml:1:1: error: bad\nctr: cannot read definition');
  });

  test('lets nothing steer the terminal', () => {
    expect(renderError(new CtrError('CTR_IO', 'cannot read \x1b[2J'), { debug: false })).toBe(
      'ctr: cannot read \\x1b[2J',
    );
  });

  test('shows stack and cause only when asked', () => {
    const error = new CtrError('CTR_IO', 'cannot x', { cause: new Error('deep') });
    expect(renderError(error, { debug: false })).not.toContain('deep');
    expect(renderError(error, { debug: true })).toMatch(/caused by:\nError: deep\n {4}at /);
  });

  test('an unforeseen error has exit status 1 and no stack', () => {
    expect(renderError(new TypeError('x is not a function'), { debug: false })).toBe(
      'ctr: x is not a function\nhint: --debug shows where this comes from',
    );
    expect(exitStatusOf('text')).toBe(1);
    expect(exitStatusOf(new CtrError('CTR_USAGE', 'x'))).toBe(2);
  });
});

describe('what commands print', () => {
  const now = Date.parse('2026-01-01T00:00:10.000Z');

  test('list', () => {
    const web = { name: 'web', state: 'running', pid: 7, monitorPid: 6, since: '2026-01-01T00:00:00.000Z' } as const;
    expect(formatList([{ name: 'a', state: 'stopped' }, web], now)).toBe(
      'NAME  STATE    PID    UP\na     stopped    -     -\nweb   running    7  10 s\n',
    );
    const crashed = { name: 'b', state: 'crashed', reason: 'monitor lost' } as const;
    expect(formatList([crashed], now)).toBe('NAME  STATE    PID  UP  NOTE\nb     crashed    -   -  monitor lost\n');
  });

  test('info', () => {
    const text = formatInfo(
      {
        name: 'web',
        uuid: 'u',
        state: 'running',
        pid: 7,
        monitorPid: 6,
        since: '2026-01-01T00:00:00.000Z',
        rootfs: '/r',
        rootfsMadeByCtr: true,
        memory: { limitBytes: 67108864, usedBytes: 1048576 },
        pids: { used: 3 },
        interfaces: [
          { type: 'network', source: 'default', guestName: 'eth0', hostName: 'vc1', mac: '52:54:00:00:00:01' },
        ],
        consoles: 1,
        givesUp: ['no masks: x'],
      },
      now,
    );
    expect(text).toBe(`name       web
uuid       u
state      running
pid        7
monitor    6
since      2026-01-01T00:00:00.000Z (10 s)
rootfs     /r (made by ctr)
memory     1 MiB, at most 64 MiB
pids       3, no limit
interface  eth0  default  vc1  52:54:00:00:00:01
consoles   1
gives up   no masks: x
`);
  });

  test('check', () => {
    const items = [
      { group: 'kernel', name: 'pidfd', status: 'ok', detail: 'works' },
      { group: 'namespaces', name: 'user', status: 'missing', detail: 'EPERM', hint: 'a sysctl' },
    ] as const;
    expect(formatCheck(items)).toBe(
      'kernel\n  pidfd  ok       works\n\nnamespaces\n  user   missing  EPERM\n  hint: a sysctl\n',
    );
  });

  test('how a container ended, in words', () => {
    const time = 't';
    const cases = [
      [{ reason: 'exited', status: 3, time }, 'exit status 3'],
      [{ reason: 'killed', signal: 9, signalName: 'KILL', time }, 'killed by signal KILL'],
      [{ reason: 'stopped', signal: 9, signalName: 'KILL', time }, 'stopped, killed by signal KILL'],
      [{ reason: 'poweroff', signal: 2, signalName: 'INT', time }, 'powered off'],
      [{ reason: 'stopped', signal: 2, signalName: 'INT', time }, 'stopped, powered off'],
      [{ reason: 'reboot', signal: 1, signalName: 'HUP', time }, 'rebooted'],
      [{ reason: 'lost', time }, 'monitor lost'],
    ] as const;
    for (const [exit, words] of cases) expect(describeEnd({ exit, state: 'stopped' })).toBe(words);
    expect(describeEnd({ state: 'stopped' })).toBe('stopped');
  });
});
