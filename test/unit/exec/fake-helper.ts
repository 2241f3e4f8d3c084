/** A helper made of shell, for what is tested without root: it speaks the protocol and touches nothing of the kernel but locks. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const USUAL: Readonly<Record<string, string>> = {
  version: 'echo clone-helper 1',
  // Of util-linux: takes the lock of an inherited descriptor.
  lock: 'flock -x -w "$(awk "BEGIN { print $3 / 1000 }")" "$2" || exit 75',
  cleanup: 'exit 0',
};

/** Makes one with these commands (shell text; `$2` is the run directory) besides the usual ones; gives its path. */
export function makeFakeHelper(commands: Readonly<Record<string, string>> = {}): string {
  const path = join(makeScratchDir(), 'clone-helper');
  const cases = Object.entries({ ...USUAL, ...commands }).map(([name, text]) => `${name}) ${text} ;;`);
  writeFileSync(path, `#!/bin/sh\ncase $1 in\n${cases.join('\n')}\n*) exit 2 ;;\nesac\n`);
  chmodSync(path, 0o755);
  return path;
}

/** An empty directory that goes with the test. */
export function makeScratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ctr-unit-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
