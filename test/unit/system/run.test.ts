import { describe, expect, test } from 'vitest';
import { errnoText, reasonOf } from '../../../src/system/reason.js';
import { runProgram } from '../../../src/system/run.js';
import { parseSubids } from '../../../src/system/subid.js';

describe('runProgram', () => {
  test('returns what the program wrote, newline included', async () => {
    expect(await runProgram('sh', ['-c', 'cat; echo out'], 'test', { input: 'in ' })).toBe('in out\n');
  });

  test("passes nothing of the caller's environment on", async () => {
    process.env.CTR_UNIT_SECRET = 'x';
    const text = await runProgram('env', [], 'test', { env: { EXTRA: '1' } });
    delete process.env.CTR_UNIT_SECRET;
    expect(text).not.toContain('SECRET');
    expect(text).toContain('EXTRA=1');
    expect(text).toContain('LC_ALL=C');
  });

  test('fails with the purpose and the last line of stderr', async () => {
    const run = runProgram('sh', ['-c', 'echo first >&2; echo last >&2; exit 3'], 'make soup');
    await expect(run).rejects.toMatchObject({ code: 'CTR_IO', message: 'cannot make soup: sh: last' });
  });

  test('names a program that is missing', async () => {
    await expect(runProgram('ctr-no-such-program', [], 'make soup')).rejects.toMatchObject({
      code: 'CTR_MISSING_PROGRAM',
      message: "cannot make soup: the program 'ctr-no-such-program' is missing",
    });
  });

  test('ends a program that takes too long, or that nobody waits for any more', async () => {
    await expect(runProgram('sleep', ['60'], 'wait', { timeoutMs: 50 })).rejects.toThrow(/took too long/);
    await expect(runProgram('sleep', ['60'], 'wait', { signal: AbortSignal.abort() })).rejects.toThrow(/interrupted/);
  });
});

describe('reasons', () => {
  test('are the name of the errno and its text', () => {
    expect(errnoText('EPERM')).toBe('operation not permitted');
    expect(errnoText('EWHAT')).toBeUndefined();
    expect(reasonOf(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe('EACCES (permission denied)');
    expect(reasonOf(new Error('plain'))).toBe('plain');
    expect(reasonOf('text')).toBe('text');
  });
});

test('subordinate ids: lines that are none are skipped', () => {
  expect(parseSubids('u:100000:65536\n# c:1:2\n\nbad\nv:1\nw:165536:65536\n')).toEqual([
    { outside: 100000, count: 65536 },
    { outside: 165536, count: 65536 },
  ]);
});
