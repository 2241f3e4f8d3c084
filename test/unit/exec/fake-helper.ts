/** Native programs made of shell, for what is tested without root: they speak the protocol and touch nothing of the kernel but locks. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FrontDoor, findFrontDoor } from '../../../src/exec/front-door.js';

const USUAL: Readonly<Record<string, string>> = {
  version: 'echo clone-helper 2',
  // Of util-linux: takes the lock of an inherited descriptor.
  lock: 'flock -x -w "$(awk "BEGIN { print $3 / 1000 }")" "$2" || exit 75',
  cleanup: 'exit 0',
  key: 'echo a key',
  hooks: 'exit 0',
};

/** Makes a helper with these commands (shell text; `$2` is the run directory) besides the usual ones; gives its path. */
export function makeFakeHelper(commands: Readonly<Record<string, string>> = {}): string {
  const path = join(makeScratchDir(), 'clone-helper');
  writeProgram(path, { ...USUAL, ...commands });
  return path;
}

/** A front door with these verbs (shell text), beside a usual helper. */
export function makeFakeFrontDoor(verbs: Readonly<Record<string, string>>): FrontDoor & { readonly helper: string } {
  const helper = makeFakeHelper();
  writeProgram(join(dirname(helper), 'ctr'), verbs);
  return { ...findFrontDoor(helper), helper };
}

function writeProgram(path: string, commands: Readonly<Record<string, string>>): void {
  const cases = Object.entries(commands).map(([name, text]) => `${name}) ${text} ;;`);
  writeFileSync(path, `#!/bin/sh\ncase $1 in\n${cases.join('\n')}\n*) exit 2 ;;\nesac\n`);
  chmodSync(path, 0o755);
}

/** An empty directory that goes with the test. */
export function makeScratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ctr-unit-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
