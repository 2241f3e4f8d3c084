/** Small C programs that tests run inside a container: for what no applet of BusyBox can do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O1', '-static'];

let lack: string | undefined | null = null;

/** Asked once. */
export function lacksStaticCompiler(): string | undefined {
  if (lack === null) {
    const scratch = mkdtempSync(join(tmpdir(), 'ctr-compile-'));
    const { status } = spawnSync('gcc', [...FLAGS, '-x', 'c', '-o', join(scratch, 'a'), '-'], {
      input: 'int main(void) { return 0; }\n',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    rmSync(scratch, { recursive: true });
    lack = status === 0 ? undefined : 'needs gcc and a static C library (Debian packages gcc and libc6-dev)';
  }
  return lack;
}

/** Compiles one source file to a static program. @throws Error with what the compiler says */
export function compileProgram(source: string, program: string): void {
  const { status, stderr } = spawnSync('gcc', [...FLAGS, '-o', program, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
}
