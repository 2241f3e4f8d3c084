import { describe, expect, test } from 'vitest';
import { errnoText, reasonOf } from '../../../src/system/reason.js';
import { runProgram, streamProgram } from '../../../src/system/run.js';
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

describe('streamProgram', () => {
  const count = async (stdout: AsyncIterable<Uint8Array>) => {
    let bytes = 0;
    for await (const chunk of stdout) bytes += chunk.length;
    return bytes;
  };
  const countLate = async (stdout: AsyncIterable<Uint8Array>) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return count(stdout);
  };

  test('hands on all that the program writes, to a reader that begins late, too', async () => {
    expect(await streamProgram('head', ['-c', '10000000', '/dev/zero'], 'count', countLate)).toBe(10_000_000);
  });

  test('fails as the program does, whatever was read', async () => {
    const run = streamProgram('sh', ['-c', 'echo x; echo why >&2; exit 3'], 'make soup', count);
    await expect(run).rejects.toMatchObject({ code: 'CTR_IO', message: 'cannot make soup: sh: why' });
    await expect(streamProgram('ctr-no-such-program', [], 'make soup', count)).rejects.toMatchObject({
      code: 'CTR_MISSING_PROGRAM',
    });
  });

  test('ends the program when the reader gives up, and tells why it did', async () => {
    const run = streamProgram('yes', [], 'wait', async (stdout) => {
      for await (const _ of stdout) throw new Error('enough');
    });
    await expect(run).rejects.toThrow(/^enough$/);
  });

  test('ends a program that takes too long, or that nobody waits for any more', async () => {
    await expect(streamProgram('sleep', ['60'], 'wait', count, { timeoutMs: 50 })).rejects.toThrow(/took too long/);
    await expect(streamProgram('sleep', ['60'], 'wait', count, { signal: AbortSignal.timeout(50) })).rejects.toThrow(
      /interrupted/,
    );
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
