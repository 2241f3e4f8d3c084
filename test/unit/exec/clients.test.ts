import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captureByHelper, enterArgs } from '../../../src/exec/enter.js';
import { findHelper, flockByHelper, runHelper } from '../../../src/exec/helper.js';
import { parseProbeReport } from '../../../src/exec/probe.js';
import { parseStartReport, startByHelper } from '../../../src/exec/start.js';
import { stopByHelper } from '../../../src/exec/stop.js';
import { makeFakeHelper, makeScratchDir } from './fake-helper.js';

describe('findHelper', () => {
  test('takes one of our version', async () => {
    const helper = makeFakeHelper();
    expect(await findHelper(helper)).toBe(helper);
  });

  test('refuses another version, and says what it found', async () => {
    const helper = makeFakeHelper({ version: 'echo clone-helper 99' });
    await expect(findHelper(helper)).rejects.toMatchObject({
      code: 'CTR_HELPER',
      message: `cannot use the native helper '${helper}': it is 'clone-helper 99', not 'clone-helper 1'`,
    });
  });

  test('names one that is not there, or cannot run', async () => {
    await expect(findHelper('/no/helper')).rejects.toThrow(
      "cannot find the native helper: '/no/helper' does not exist",
    );
    await expect(findHelper('/etc/passwd')).rejects.toThrow(/cannot run the native helper '\/etc\/passwd': EACCES/);
  });
});

describe('startByHelper', () => {
  async function start(script: string) {
    const lock = await open(join(makeScratchDir(), 'lock'), 'w');
    try {
      return await startByHelper(makeFakeHelper({ start: script }), '/run/x', lock.fd);
    } finally {
      await lock.close();
    }
  }

  test('reports the processes, and does not wait for a monitor that keeps its pipes', async () => {
    const report = await start(`echo '{"ok":true,"pid":7,"monitor":6}' >&3; sleep 30 & exit 0`);
    expect(report).toEqual({ ok: true, started: { pid: 7, monitorPid: 6 } });
  });

  test('reports the failed step', async () => {
    const failure = {
      step: "mount proc on '/proc'",
      call: 'mount',
      errno: 1,
      errnoName: 'EPERM',
      object: '/proc',
      message: 'x',
    };
    const report = await start(
      `echo '${JSON.stringify({ ok: false, ...failure }).replaceAll("'", "'\\''")}' >&3; exit 1`,
    );
    expect(report).toEqual({ ok: false, failure });
  });

  test('a helper that says nothing is an error with its last words', async () => {
    await expect(start('echo clone-helper: no plan >&2; exit 1')).rejects.toMatchObject({
      code: 'CTR_HELPER',
      message: 'cannot start by the native helper: no plan',
    });
    await expect(start('kill -9 $$')).rejects.toThrow(/gave no report and exited with 137/);
  });

  test('parseStartReport gives nothing for texts that are no report', () => {
    for (const text of ['', '{', 'null', '[]', '{"ok":true}', '{"ok":1}'])
      expect(parseStartReport(text)).toBeUndefined();
    expect(parseStartReport('{"ok":false}')).toMatchObject({ ok: false, failure: { errno: 0, step: '' } });
  });
});

describe('stopByHelper', () => {
  test('passes signal and timeout, and tells how it ended', async () => {
    const helper = makeFakeHelper({ stop: '[ "$*" = "stop /d --signal 12 --timeout 500" ] && echo stopped' });
    expect(await stopByHelper(helper, '/d', { signal: 12, timeoutMs: 500, force: false })).toBe('stopped');
  });

  test('a failure says why', async () => {
    const helper = makeFakeHelper({ stop: `echo "ctr: cannot stop 'x': init is in state D" >&2; exit 1` });
    await expect(stopByHelper(helper, '/d', { signal: 0, timeoutMs: 0, force: true })).rejects.toMatchObject({
      code: 'CTR_STOP_FAILED',
      message: 'init is in state D',
    });
  });
});

describe('enter', () => {
  test('arguments come in the order the helper reads', () => {
    const request = { argv: ['ls', '-l'], user: 'u:g', cwd: '/w', env: { A: '1', B: 'x=y' }, tty: true };
    expect(enterArgs('/d', request)).toEqual('enter /d -u u:g -w /w -e A=1 -e B=x=y -t -- ls -l'.split(' '));
    expect(enterArgs('/d', { argv: [] })).toEqual(['enter', '/d', '--']);
  });

  test('captures both streams to their end, with the exit status', async () => {
    const helper = makeFakeHelper({ enter: 'cat; echo err >&2; exit 7' });
    const result = await captureByHelper(helper, '/d', { argv: ['x'], input: 'in', maxBytes: 100 });
    expect({ ...result, stdout: String(result.stdout), stderr: String(result.stderr) }).toEqual({
      stdout: 'in',
      stderr: 'err\n',
      exitCode: 7,
      truncated: false,
    });
  });

  test('keeps no more than it is told, and reads on', async () => {
    const helper = makeFakeHelper({ enter: 'head -c 1000000 /dev/zero; echo end >&2' });
    const result = await captureByHelper(helper, '/d', { argv: ['x'], maxBytes: 1000 });
    expect(result.stdout.length).toBe(1000);
    expect(result).toMatchObject({ truncated: true, exitCode: 0 });
    expect(String(result.stderr)).toBe('end\n');
  });

  test('survives a command that does not read its input', async () => {
    const helper = makeFakeHelper({ enter: 'exit 0' });
    const result = await captureByHelper(helper, '/d', { argv: ['x'], input: 'x'.repeat(1_000_000), maxBytes: 10 });
    expect(result.exitCode).toBe(0);
  });

  test('ends what takes too long, or is aborted, and says which', async () => {
    const helper = makeFakeHelper({ enter: 'exec sleep 30' });
    const late = await captureByHelper(helper, '/d', { argv: ['x'], maxBytes: 10, timeoutMs: 50 });
    expect(late).toMatchObject({ ended: 'timeout', exitCode: 143 });
    const aborted = await captureByHelper(helper, '/d', { argv: ['x'], maxBytes: 10, signal: AbortSignal.abort() });
    expect(aborted.ended).toBe('aborted');
  });
});

describe('runHelper', () => {
  test('passes a file on as descriptor 3', async () => {
    const path = join(makeScratchDir(), 'file');
    const file = await open(path, 'w');
    await runHelper(makeFakeHelper({ x: 'echo hello >&3' }), ['x'], file.fd);
    await file.close();
    expect(existsSync(path)).toBe(true);
    expect(String(await (await open(path)).readFile())).toBe('hello\n');
  });

  test('a lock stays with us after the helper has ended', async () => {
    const helper = makeFakeHelper();
    const path = join(makeScratchDir(), 'lock');
    const [one, two] = [await open(path, 'w'), await open(path, 'w')];
    expect(await flockByHelper(helper, one.fd, 1000)).toBe('locked');
    expect(await flockByHelper(helper, two.fd, 50)).toBe('timeout');
    await one.close();
    expect(await flockByHelper(helper, two.fd, 1000)).toBe('locked');
    await two.close();
  });
});

test('a probe report keeps what was tried, and drops the rest', () => {
  const text =
    '{"version":1,"namespaces":{"user":true,"net":"EPERM (x)","odd":3},"seccomp":true,"idmappedMounts":"EINVAL"}';
  expect(parseProbeReport(text)).toEqual({
    version: 1,
    namespaces: { user: true, net: 'EPERM (x)' },
    features: { seccomp: true, idmappedMounts: 'EINVAL' },
  });
  for (const bad of ['', '{}', 'null', '[1]']) expect(parseProbeReport(bad)).toBeUndefined();
});
