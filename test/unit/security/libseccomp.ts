/** libseccomp as the second opinion about a profile: its own filter for the same rules, run by the same interpreter. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SyscallTable } from '../../../src/security/seccomp-syscalls.js';

/** SCMP_CMP_*, `<seccomp.h>`. */
export const COMPARE = { ne: 1, lt: 2, le: 3, eq: 4, ge: 5, gt: 6, 'masked-eq': 7 } as const;

export interface PlainCondition {
  readonly index: number;
  readonly op: keyof typeof COMPARE;
  readonly value: bigint;
  readonly valueTwo?: bigint;
}

/** A rule about one call: the value that the filter returns, as the kernel knows it. */
export interface PlainRule {
  readonly name: string;
  readonly value: number;
  readonly conditions: readonly PlainCondition[];
}

export interface PlainProfile {
  readonly architecture: 'x86_64' | 'x86';
  readonly defaultValue: number;
  readonly rules: readonly PlainRule[];
  readonly syscalls: SyscallTable;
}

export interface Exported {
  readonly program: Uint8Array;
  /** Calls that this libseccomp does not know. */
  readonly unknown: ReadonlySet<string>;
}

export interface Exporter {
  readonly exportFilter: (profile: PlainProfile) => Exported;
  readonly remove: () => void;
}

/** Why there is no second opinion on this host. */
export function lacksLibseccomp(): string | undefined {
  if (process.arch !== 'x64') return 'needs x86_64: its filters are the ones that are compared';
  const { status } = spawnSync('gcc', ['-x', 'c', '-E', '-o', '/dev/null', '-'], {
    input: '#include <seccomp.h>\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return status === 0 ? undefined : 'needs gcc and libseccomp (Debian packages gcc and libseccomp-dev)';
}

/** Compiles the program that asks it. @throws Error with what the compiler says */
export function makeExporter(): Exporter {
  const dir = mkdtempSync(join(tmpdir(), 'ctr-libseccomp-'));
  const program = join(dir, 'export-filter');
  const source = join(import.meta.dirname, 'programs/export-filter.c');
  const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O1'];
  const { status, stderr } = spawnSync('gcc', [...flags, '-o', program, source, '-lseccomp'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
  return {
    exportFilter: (profile) => exportFilter(program, profile),
    remove: () => rmSync(dir, { recursive: true }),
  };
}

function exportFilter(program: string, { architecture, defaultValue, rules, syscalls }: PlainProfile): Exported {
  // It refuses rules whose action is the default one: they change nothing.
  const lines = rules
    .filter(({ name, value }) => value !== defaultValue && syscalls.has(name))
    .map(({ name, value, conditions }) => {
      const words = conditions.flatMap(({ index, op, value, valueTwo = 0n }) => [index, COMPARE[op], value, valueTwo]);
      return [hex(value), name, hex(syscalls.get(name) ?? 0), ...words.map(hex)].join(' ');
    });
  const input = `${[hex(defaultValue), ...lines].join('\n')}\n`;
  const { status, stdout, stderr } = spawnSync(program, [architecture], { input, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`libseccomp: ${stderr}`);
  return { program: stdout, unknown: new Set(stderr.toString().split('\n').filter(Boolean)) };
}

function hex(value: number | bigint): string {
  return value.toString(16);
}
