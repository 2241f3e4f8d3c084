// Set-up, build, then every test this host can run. The last line is the counts, alone: `N passed, N failed, N skipped`.
// Further arguments go to vitest: `npm test -- test/unit/config`. With --with-vm, the tests in the test VM come after them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { root } from './project.mjs';
import { printCounts, readCounts, sumCounts } from './test-counts.mjs';
import { testInVm } from './test-vm.mjs';

/** Seconds of the VM's share where the host's own tests run, too: all of it stays below 20 minutes. */
const BESIDE_THE_HOST = '240';

await buildAll();

const given = process.argv.slice(2);
const counts = testHere(given.filter((arg) => arg !== '--with-vm'));
process.exitCode = printCounts(
  given.includes('--with-vm')
    ? sumCounts([counts, await testInVm([], process.env.CTR_TESTVM_TIME ?? BESIDE_THE_HOST)])
    : counts,
);

/** @param {readonly string[]} options of vitest @returns {import('./vitest-reporter.mjs').Counts} */
function testHere(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-test-counts-'));
  const countsFile = join(scratch, 'counts.json');
  const args = ['run', '--reporter=default', '--reporter=./scripts/vitest-reporter.mjs', ...options];
  const vitest = spawnSync(join(root, 'node_modules/.bin/vitest'), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CTR_TEST_COUNTS: countsFile },
  });
  const counts = readCounts(countsFile, vitest.status);
  rmSync(scratch, { recursive: true });
  return counts;
}
