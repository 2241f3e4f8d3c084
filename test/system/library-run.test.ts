import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunCommandOptions, type RunResult, run } from '../../src/index.js';
import { describe, expect, lacksController, projectRoot, type Rig, runProgram, slow, test } from '../rig/index.js';

/** A shell script in a run of the rig's. */
function sh(rig: Rig, script: string, options: Partial<RunCommandOptions> = {}): Promise<RunResult> {
  return run({ stateDir: rig.stateDir, runDir: rig.runDir, command: 'sh', args: ['-c', script], ...options });
}

const texts = ({ stdout, stderr }: RunResult) => ({ stdout: stdout.toString(), stderr: stderr.toString() });

describe('run of the library', () => {
  test('gives output, status, signal and what it has used', async ({ rig }) => {
    const plain = await sh(rig, 'cat; echo err >&2; exit 7', { stdin: 'in\0x', env: { A: '1' } });
    expect({ ...plain, ...texts(plain) }).toEqual({
      stdout: 'in\0x',
      stderr: 'err\n',
      exitCode: 7,
      oom: false,
      timedOut: false,
      aborted: false,
      truncated: false,
      usage: {
        cpuMs: expect.any(Number),
        ...(lacksController('memory') ? {} : { peakMemoryBytes: expect.any(Number) }),
      },
    });
    expect(await sh(rig, 'kill -SEGV $$')).toMatchObject({ exitCode: 139, signal: 'SEGV', aborted: false });
    expect(await sh(rig, 'trap "" TERM; sleep 1000', { timeoutMs: 300 })).toMatchObject({
      exitCode: 124,
      timedOut: true,
      aborted: false,
    });
    expect(await sh(rig, 'true', { command: '/no/such' })).toMatchObject({ exitCode: 127 });
    const busy = await sh(rig, 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done');
    expect(busy.usage.cpuMs).toBeGreaterThan(20);
  });

  test('tells what was killed for its memory from what was killed', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    const eats = 'head -c 200000000 /dev/zero | tail';
    expect(await sh(rig, `${eats}; exit 3`, { memoryBytes: 32 << 20 })).toMatchObject({ exitCode: 3, oom: true });
    expect(await sh(rig, `exec sh -c '${eats}'`, { memoryBytes: 32 << 20 })).toMatchObject({
      oom: true,
      aborted: false,
    });
    expect(await sh(rig, 'kill -9 $$')).toMatchObject({ exitCode: 137, signal: 'KILL', oom: false, aborted: false });
  });

  test('keeps as much output as it is told, and lets the command go on to its own end', async ({ rig }) => {
    const script = 'head -c 3000000 /dev/zero | tr "\\0" x; head -c 10 /dev/zero | tr "\\0" y >&2; exit 4';
    const result = await sh(rig, script, { maxOutputBytes: 1000 });
    expect({ out: texts(result), code: result.exitCode, truncated: result.truncated }).toEqual({
      out: { stdout: 'x'.repeat(1000), stderr: 'y'.repeat(10) },
      code: 4,
      truncated: true,
    });
    expect(await sh(rig, 'printf 1234567890', { maxOutputBytes: 10 })).toMatchObject({ truncated: false });
    expect(await sh(rig, 'printf 1', { maxOutputBytes: 0 })).toMatchObject({ truncated: true, exitCode: 0 });
    // Descriptors of who is killed with the container hold nothing up.
    const left = await sh(rig, 'sleep 1000 & setsid sleep 1000 & echo done');
    expect(texts(left).stdout).toBe('done\n');
  });

  test('does not mind a command that leaves its input unread', async ({ rig }) => {
    const stdin = Buffer.alloc(8 << 20, 'i');
    expect(await sh(rig, 'exec 0<&-; exit 5', { stdin })).toMatchObject({ exitCode: 5 });
    expect(await sh(rig, 'head -c 3', { stdin })).toMatchObject({ exitCode: 0, stdout: Buffer.from('iii') });
    expect(texts(await sh(rig, 'wc -c', { stdin })).stdout.trim()).toBe(String(8 << 20));
  });

  test('refuses what it cannot hand on', async ({ rig }) => {
    for (const options of [
      { maxOutputBytes: Number.NaN },
      { maxOutputBytes: -1 },
      { args: ['a\0b'] },
      { env: { 'A=B': '1' } },
    ])
      await expect(sh(rig, 'true', options)).rejects.toMatchObject({ code: 'CTR_USAGE' });
    await expect(sh(rig, 'true', { args: ['x'.repeat(200_000)] })).rejects.toMatchObject({
      code: 'CTR_HELPER',
      message: expect.stringMatching(/E2BIG/),
    });
  });
});

describe('an AbortSignal', () => {
  test('ends a run and everything in it, whatever that does about signals', async ({ rig }) => {
    const ended = sh(rig, 'trap "" TERM HUP INT; (trap "" TERM; setsid sleep 1000) & echo up; sleep 1000', {
      signal: AbortSignal.timeout(1500),
      name: 'box',
    });
    const result = await ended;
    expect(result).toMatchObject({ exitCode: 137, signal: 'KILL', aborted: true, timedOut: false });
    expect(texts(result).stdout).toBe('up\n');
    expect(await rig.ctrOk('list', '--all')).not.toContain('box');
  });

  test('that is aborted already starts nothing', async ({ rig }) => {
    const result = await sh(rig, 'echo ran', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ exitCode: 137, aborted: true, stdout: Buffer.alloc(0) });
  });

  test('that comes too late has not ended it', async ({ rig }) => {
    const controller = new AbortController();
    const result = await sh(rig, 'exit 7', { signal: controller.signal });
    controller.abort();
    expect(result).toMatchObject({ exitCode: 7, aborted: false });
  });

  test('at any moment gives one answer or the other, and leaves nothing', { timeout: slow(90_000) }, async ({
    rig,
  }) => {
    for (let round = 0; round < 30; round += 1) {
      const signal = AbortSignal.timeout(round < 10 ? round * 20 : round);
      const { exitCode, aborted, timedOut } = await sh(rig, 'exit 7', { signal });
      expect({ round, exitCode, aborted, timedOut }).toEqual({
        round,
        exitCode: aborted ? 137 : 7,
        aborted,
        timedOut: false,
      });
    }
    // What was ended before it began may have a directory yet, which the next command takes away.
    expect(await sh(rig, 'exit 7')).toMatchObject({ exitCode: 7 });
    await rig.ctrOk('gc');
    expect(await rig.ctrOk('list', '--all')).not.toMatch(/run-/);
  });
});

describe('many runs at once', () => {
  test('fifty have each its own ids, output and status', { timeout: slow(120_000) }, async ({ rig }) => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const signal = AbortSignal.timeout(slow(100_000));
    const all = join(rig.scratch, 'all');
    mkdirSync(all);
    // Or one would have the slot, and so the ids, that another had before it.
    const together = 'until [ $(ls /tmp/all | wc -l) = 50 ]; do sleep 0.5; done';
    const warnings: string[] = [];
    const warn = ({ message }: Error) => void warnings.push(message);
    process.on('warning', warn);
    const results = await Promise.all(
      numbers.map((number) =>
        sh(rig, `touch /tmp/all/${number}; ${together}; cat /proc/self/uid_map; echo ${number} >&2; exit ${number}`, {
          signal,
          binds: [{ source: all, target: '/tmp/all' }],
        }),
      ),
    );
    expect(results.map(({ exitCode }) => exitCode)).toEqual(numbers);
    expect(results.map((result) => texts(result).stderr)).toEqual(numbers.map((number) => `${number}\n`));
    expect(new Set(results.map((result) => texts(result).stdout)).size).toBe(50);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  test('more than there are descriptors for are errors, and nothing else', { timeout: slow(60_000) }, async ({
    rig,
  }) => {
    const file = join(rig.scratch, 'many.mjs');
    writeFileSync(
      file,
      `import { run } from ${JSON.stringify(join(projectRoot, 'dist/index.js'))};
      const places = { stateDir: ${JSON.stringify(rig.stateDir)}, runDir: ${JSON.stringify(rig.runDir)} };
      const one = () => run({ ...places, command: 'true' }).then(({ exitCode }) => exitCode, ({ code }) => code);
      console.log(JSON.stringify(await Promise.all(Array.from({ length: 20 }, one))), await one());`,
    );
    await sh(rig, 'true');
    const argv = ['sh', '-c', `ulimit -n 56; exec ${process.execPath} ${file}`];
    const { status, stdout, stderr } = await runProgram(argv, { env: rig.env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [, list = '[]', after] = /^(.*\]) (.*)\n$/.exec(stdout) ?? [];
    const ends = JSON.parse(list) as unknown[];
    expect(new Set(ends)).toEqual(new Set([0, 'CTR_HELPER']));
    expect(after).toBe('0');
  });
});
