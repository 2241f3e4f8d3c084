import { describe, expect, test, vi } from 'vitest';
import { consoleArgs } from '../../../src/exec/console.js';
import { controlRecord } from '../../../src/exec/controlled-process.js';
import { copyArgs } from '../../../src/exec/cp.js';
import { captureByFrontDoor, enterArgs } from '../../../src/exec/enter.js';
import { findFrontDoor, ownEnvironment, timeoutArgs } from '../../../src/exec/front-door.js';
import { parseFrontReports, reportByFrontDoor } from '../../../src/exec/front-report.js';
import { runInteractive } from '../../../src/exec/interactive.js';
import { makeFakeFrontDoor, makeFakeHelper } from './fake-helper.js';

describe('findFrontDoor', () => {
  test('finds it beside the helper, and tells it the directories', () => {
    const { helper } = makeFakeFrontDoor({});
    const { program, env } = findFrontDoor(helper, { stateDir: '/s', runDir: '/r', cgroupPrefix: 'ctr' });
    expect(program).toBe(helper.replace(/clone-helper$/, 'ctr'));
    expect(env).toMatchObject({ CTR_STATE_DIR: '/s', CTR_RUN_DIR: '/r', CTR_HELPER: helper, PATH: process.env.PATH });
  });

  test('of the environment it is told what ctr goes by, when that is asked for', () => {
    vi.stubEnv('CTR_DEBUG', '1')
      .stubEnv('LC_ALL', 'C')
      .stubEnv('DATABASE_PASSWORD', 'x')
      .stubEnv('NODE_OPTIONS', '--v');
    const { env } = findFrontDoor(makeFakeFrontDoor({}).helper, undefined, ownEnvironment());
    vi.unstubAllEnvs();
    expect(env).toMatchObject({ PATH: process.env.PATH, CTR_DEBUG: '1', LC_ALL: 'C' });
    for (const name of ['DATABASE_PASSWORD', 'NODE_OPTIONS']) expect(env).not.toHaveProperty(name);
  });

  test('names one that is not there, or cannot run', async () => {
    expect(() => findFrontDoor(makeFakeHelper())).toThrow(
      /cannot find the native front door: '.*\/ctr' does not exist/,
    );
    const broken = { program: '/etc/passwd', env: {} };
    await expect(reportByFrontDoor(broken, ['start'], ['a'])).rejects.toMatchObject({
      code: 'CTR_HELPER',
      message: "cannot run the native front door '/etc/passwd': EACCES (permission denied)",
    });
    await expect(runInteractive(broken, [])).rejects.toMatchObject({ code: 'CTR_HELPER' });
  });
});

describe('reportByFrontDoor', () => {
  const report = (script: string, names: readonly string[]) =>
    reportByFrontDoor(makeFakeFrontDoor({ start: script }), ['start', '--jobs', '2'], names);

  test('passes the names as operands and gives the reports in their order', async () => {
    const reports = await report(
      `[ "$*" = "start --jobs 2 --report -- a b a" ] || exit 9
       echo '{"name":"b","ok":false,"code":"CTR_RUNNING","message":"no","hint":"h"}' >&3
       echo '{"name":"a","ok":true,"outcome":"started","pid":7,"monitorPid":6,"ended":false}' >&3
       echo '{"name":"a","ok":false,"code":"CTR_RUNNING","message":"twice"}' >&3; exit 1`,
      ['a', 'b', 'a'],
    );
    expect(reports).toEqual([
      { name: 'a', ok: true, outcome: 'started', pid: 7, monitorPid: 6, ended: false },
      { name: 'b', ok: false, error: expect.objectContaining({ code: 'CTR_RUNNING', message: 'no', hint: 'h' }) },
      { name: 'a', ok: false, error: expect.objectContaining({ message: 'twice' }) },
    ]);
  });

  test('does not wait for a monitor that keeps its pipes', async () => {
    const [only] = await report(`echo '{"name":"a","ok":true,"outcome":"started"}' >&3; sleep 30 & exit 0`, ['a']);
    expect(only).toMatchObject({ ok: true });
  });

  test('a name without a report has failed, with its last words', async () => {
    const silent = await report(`echo '{"name":"a","ok":true,"outcome":"started"}' >&3; echo ctr: oh >&2; exit 1`, [
      'a',
      'b',
    ]);
    expect(silent[0]?.ok).toBe(true);
    expect(silent[1]).toMatchObject({
      ok: false,
      error: { code: 'CTR_HELPER', message: 'cannot start by the front door: oh' },
    });
    const killed = await report('kill -9 $$', ['a']);
    expect(killed).toMatchObject([{ ok: false, error: { message: /gave no report and exited with 137/ } }]);
  });

  test('parseFrontReports takes whole lines that are reports', () => {
    for (const text of [
      '',
      '{}\n',
      'null\n',
      '[]\n',
      '{"name":"a","ok":true}\n',
      '{"name":"a","ok":1}\n',
      '{"name":"a"',
    ])
      expect(parseFrontReports(text)).toEqual([]);
    expect(parseFrontReports('x\n{"name":"a","ok":true,"outcome":"killed","pid":"7"}\n{"name"')).toEqual([
      { name: 'a', ok: true, outcome: 'killed' },
    ]);
  });

  test('an error keeps its data, and a code of no catalogue is CTR_HELPER', () => {
    const text =
      '{"name":"a","ok":false,"code":"toString","message":"m","data":{"errno":1}}\n{"name":"a","ok":false}\n';
    expect(parseFrontReports(text)).toMatchObject([
      { error: { code: 'CTR_HELPER', message: 'm', data: { errno: 1 } } },
      { error: { code: 'CTR_HELPER' } },
    ]);
  });
});

describe('arguments', () => {
  test('of enter come in the order of its usage', () => {
    const request = { argv: ['ls', '-l'], user: 'u:g', cwd: '/w', env: { A: '1', B: 'x=y' }, tty: true };
    expect(enterArgs('web', request)).toEqual('enter -u u:g -w /w -e A=1 -e B=x=y -t web -- ls -l'.split(' '));
    expect(enterArgs('web', { argv: [] })).toEqual(['enter', 'web', '--']);
    expect(enterArgs('web', { argv: [], without: ['seccomp', 'label'] })).toEqual(
      'enter --without seccomp,label web --'.split(' '),
    );
  });

  test('of console name console and key as its options do', () => {
    expect(consoleArgs('web', { index: 0 })).toEqual(['console', '--devname', 'console0', 'web']);
    expect(consoleArgs('web', { index: 2, escapeCode: 29 })).toEqual(
      'console --devname console2 --escape ^] web'.split(' '),
    );
    expect(consoleArgs('web', { index: 0, escapeCode: 1 })).toContain('^A');
    expect(consoleArgs('web', { index: 0, take: true })).toEqual('console --devname console0 --take web'.split(' '));
    expect(consoleArgs('web', { index: 0, watch: true })).toContain('--watch');
  });

  test('of cp keep its paths apart from options', () => {
    expect(copyArgs('-x', 'web:/y', {})).toEqual(['cp', '--', '-x', 'web:/y']);
    expect(copyArgs('a', 'web:b', { archive: true, followLink: true })).toEqual('cp -a -L -- a web:b'.split(' '));
  });

  test('words on the control channel are five bytes, and never out of range', () => {
    expect([...controlRecord('w', 40, 300)]).toEqual([0x77, 40, 0, 44, 1]);
    expect([...controlRecord('s', 15, 0)]).toEqual([0x73, 15, 0, 0, 0]);
    expect([...controlRecord('w', 1e9, -1)]).toEqual([0x77, 255, 255, 0, 0]);
  });

  test('a timeout is told in seconds, and has to be one', () => {
    expect(timeoutArgs(undefined)).toEqual([]);
    expect(timeoutArgs(Number.POSITIVE_INFINITY)).toEqual([]);
    expect([0, 1500, 0.4, 1e9].map((ms) => timeoutArgs(ms)[1])).toEqual(['0', '1.5', '0', '1000000']);
    for (const ms of [-1, Number.NaN, 1e10]) expect(() => timeoutArgs(ms)).toThrow(/^cannot wait .* ms: /);
  });
});

describe('captureByFrontDoor', () => {
  test('reads both streams to their end, with the exit status', async () => {
    const door = makeFakeFrontDoor({ enter: '[ "$*" = "enter -T web -- x" ] && cat; echo err >&2; exit 7' });
    const result = await captureByFrontDoor(door, 'web', { argv: ['x'], input: 'in', maxBytes: 100 });
    expect({ ...result, stdout: String(result.stdout), stderr: String(result.stderr) }).toEqual({
      stdout: 'in',
      stderr: 'err\n',
      exitCode: 7,
      truncated: false,
    });
  });

  test('keeps no more than it is told, and reads on', async () => {
    const door = makeFakeFrontDoor({ enter: 'head -c 1000000 /dev/zero; echo end >&2' });
    const result = await captureByFrontDoor(door, 'web', { argv: ['x'], maxBytes: 1000 });
    expect(result.stdout.length).toBe(1000);
    expect(result).toMatchObject({ truncated: true, exitCode: 0 });
    expect(String(result.stderr)).toBe('end\n');
  });

  test('survives a command that does not read its input', async () => {
    const door = makeFakeFrontDoor({ enter: 'exit 0' });
    const result = await captureByFrontDoor(door, 'web', { argv: ['x'], input: 'x'.repeat(1_000_000), maxBytes: 10 });
    expect(result.exitCode).toBe(0);
  });

  test('ends what takes too long, or is aborted, and says which', async () => {
    const door = makeFakeFrontDoor({ enter: 'exec sleep 30' });
    const late = await captureByFrontDoor(door, 'web', { argv: ['x'], maxBytes: 10, timeoutMs: 50 });
    expect(late).toMatchObject({ ended: 'timeout', exitCode: 143 });
    const aborted = await captureByFrontDoor(door, 'web', {
      argv: ['x'],
      maxBytes: 10,
      signal: AbortSignal.abort(),
    });
    expect(aborted.ended).toBe('aborted');
  });
});
