// Set-up, build, then every test this host can run. The last line is the counts, alone: `N passed, N failed, N skipped`.
// Further arguments go to vitest: `npm test -- test/unit/config`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { root } from './project.mjs';

await buildAll();

const scratch = mkdtempSync(join(tmpdir(), 'ctr-test-counts-'));
const countsFile = join(scratch, 'counts.json');
const args = ['run', '--reporter=default', '--reporter=./scripts/vitest-reporter.mjs', ...process.argv.slice(2)];
const vitest = spawnSync(join(root, 'node_modules/.bin/vitest'), args, {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, CTR_TEST_COUNTS: countsFile },
});
const counts = readCounts();
rmSync(scratch, { recursive: true });

printSkips(counts.skips);
// A run of no test, or one that vitest itself calls failed for another reason, must not pass.
const failed = counts.failed === 0 && (vitest.status !== 0 || counts.passed + counts.skipped === 0) ? 1 : counts.failed;
process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** @returns {import('./vitest-reporter.mjs').Counts} */
function readCounts() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, skips: [] };
  }
}

/** Prints each reason once, with the tests it kept from running. @param {{ name: string, reason: string }[]} skips */
function printSkips(skips) {
  for (const reason of new Set(skips.map((skip) => skip.reason))) {
    process.stdout.write(`skipped, ${reason}:\n`);
    for (const skip of skips.filter((skip) => skip.reason === reason)) process.stdout.write(`  ${skip.name}\n`);
  }
}
