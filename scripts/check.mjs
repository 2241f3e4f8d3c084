// One command that checks everything but behaviour on a real kernel: format and lint, types, unit tests (the import rule and
// stale generated files among them), unused code. All of them run, so that one call shows every fault.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from './project.mjs';
import { setUp } from './setup.mjs';

const CHECKS = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  ['unit tests', 'vitest', 'run', '--project', 'unit', '--reporter=default'],
  ['unused code', 'knip'],
];

setUp();
const failed = CHECKS.filter(([what, program, ...args]) => {
  say(`check: ${what}`);
  const run = spawnSync(join(root, 'node_modules/.bin', String(program)), args, { cwd: root, stdio: ['ignore', 2, 2] });
  return run.status !== 0;
});
for (const [what] of failed) say(`check: ${what}: failed`);
if (failed.length === 0) say('check: all is well');
process.exitCode = failed.length === 0 ? 0 : 1;
