import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  SYSCALLS_AARCH64,
  SYSCALLS_I386,
  SYSCALLS_X86_64,
  type SyscallTable,
} from '../../../src/security/seccomp-syscalls.js';

const HEADERS = '/usr/include/x86_64-linux-gnu/asm';

describe('system call tables', () => {
  test.each([
    ['x86_64', SYSCALLS_X86_64, { read: 0, openat: 257, rseq: 334, io_uring_setup: 425, clone3: 435, mseal: 462 }],
    ['i386', SYSCALLS_I386, { read: 3, socketcall: 102, socket: 359, clock_gettime64: 403, clone3: 435, mseal: 462 }],
    ['aarch64', SYSCALLS_AARCH64, { read: 63, openat: 56, bpf: 280, rseq: 293, clone3: 435, mseal: 462 }],
  ] satisfies [string, SyscallTable, Record<string, number>][])(
    'of %s have the kernel’s numbers',
    (_, table, numbers) => {
      for (const [name, number] of Object.entries(numbers)) expect([name, table.get(name)]).toEqual([name, number]);
      expect(new Set(table.values()).size).toBe(table.size);
    },
  );

  test.each([
    ['unistd_64.h', SYSCALLS_X86_64],
    ['unistd_32.h', SYSCALLS_I386],
  ] satisfies [string, SyscallTable][])('agree with %s', (file, table) => {
    const path = `${HEADERS}/${file}`;
    if (!existsSync(path)) return void console.info(`skipped: no ${path}`);
    const defined = [...readFileSync(path, 'utf8').matchAll(/#define __NR_(\w+) (\d+)/g)];
    const known = defined.filter(([, , number]) => Number(number) <= Math.max(...table.values()));
    expect(known.length).toBeGreaterThan(300);
    expect(known.map(([, name]) => `${name} ${table.get(name ?? '')}`)).toEqual(
      known.map(([, name, number]) => `${name} ${number}`),
    );
  });
});
