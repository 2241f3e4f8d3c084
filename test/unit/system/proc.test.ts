import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFlockHolders, parseProcessCgroups, parseProcessStat } from '../../../src/system/parse-proc.js';
import { isProcessAlive, readBootId, readStartTime } from '../../../src/system/procfs.js';
import { makeScratchDir } from '../exec/fake-helper.js';

const AFTER_COMM = 'S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1000 1';

describe('parseProcessStat', () => {
  test('counts fields from the last parenthesis', () => {
    expect(parseProcessStat(`7 (a) (b c) ${AFTER_COMM}`)).toEqual({ comm: 'a) (b c', state: 'S', startTime: '98765' });
    expect(parseProcessStat(`7 (\n) S 1) ${AFTER_COMM}`)?.startTime).toBe('98765');
  });

  test('gives nothing for texts that are none', () => {
    for (const text of ['', '7', '7 (x', '7 (x) S 1', ')(']) expect(parseProcessStat(text)).toBeUndefined();
  });
});

describe('a process is the one that was recorded', () => {
  test('only with the same start time, whatever its name', async () => {
    const program = join(makeScratchDir(), 'a) S (b c');
    copyFileSync('/bin/sleep', program);
    chmodSync(program, 0o755);
    const child = spawn(program, ['1000']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.once('spawn', resolve));
    const pid = child.pid ?? 0;
    const start = readStartTime(pid) ?? '';
    expect(start).toMatch(/^\d+$/);
    expect(isProcessAlive(pid, start)).toBe(true);
    expect(isProcessAlive(pid, String(Number(start) + 1))).toBe(false);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isProcessAlive(pid, start)).toBe(false);
  });

  test('and pids that are none are never alive', () => {
    for (const pid of [0, -1, 2 ** 31, Number.NaN]) expect(isProcessAlive(pid, '1')).toBe(false);
  });

  test('the boot id is a uuid', () => {
    expect(readBootId()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('texts of /proc', () => {
  test('cgroup lines name controllers and path, and v2 has no controller', () => {
    expect(parseProcessCgroups('4:cpu,cpuacct:/a\n1:name=systemd:/s:t\n0::/\nx\n')).toEqual([
      { controllers: ['cpu', 'cpuacct'], path: '/a' },
      { controllers: ['name=systemd'], path: '/s:t' },
      { controllers: [], path: '/' },
    ]);
  });

  test('locks are found by inode, blocked waiters are not holders', () => {
    const locks = `1: FLOCK  ADVISORY  WRITE 111 fe:00:42 0 EOF
1: -> FLOCK  ADVISORY  WRITE 222 fe:00:42 0 EOF
2: POSIX  ADVISORY  WRITE 333 fe:00:42 0 EOF
3: FLOCK  ADVISORY  WRITE 444 fe:00:421 0 EOF
`;
    expect(parseFlockHolders(locks, 42)).toEqual([111]);
  });
});
