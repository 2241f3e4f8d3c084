// Tests in the test VM (test/vm): a stock Debian kernel with cgroup v2 alone, systemd as PID 1, AppArmor and vsock, emulated.
// The last line is the counts, alone: `N passed, N failed, N skipped`.
//   npm run test:vm                      those of test/vm/files
//   npm run test:vm -- --all             all system and hardening tests
//   npm run test:vm -- FILE… [OPTION…]   these; further options go to vitest
// CTR_TESTVM_TIME: seconds that the VM has at most (default 480, of files that are named 3600). Tests that it has no time for are skipped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { buildAll } from './build.mjs';
import { hasProgram } from './packages.mjs';
import { fail, isMain, root } from './project.mjs';
import { printCounts, readCounts, readUnfinished } from './test-counts.mjs';

/** How many times longer than on the machine itself a test may take: the code is emulated. */
const SLOWNESS = 12;

/** Exit status of test/vm/run when the VM has had its time. */
const TIMED_OUT = 124;

/** Of the VM's time, what may go by after the last test has begun, in seconds. */
const LAST_TEST_SECONDS = 90;

/** @param {readonly string[]} given @param {string} [seconds] that the VM has at most @returns {Promise<import('./vitest-reporter.mjs').Counts>} */
export async function testInVm(given, seconds = process.env.CTR_TESTVM_TIME ?? (given.length === 0 ? '480' : '3600')) {
  const lack = lacksVm();
  if (lack !== undefined)
    return { passed: 0, failed: 0, skipped: 1, failures: [], skips: [{ name: 'the tests in the VM', reason: lack }] };
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-test-vm-'));
  // No file named: all of them.
  const files = given.includes('--all') || given.some((arg) => !arg.startsWith('-')) ? [] : listFiles();
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config=test/vm/vitest.config.mjs',
    '--configLoader=native',
    '--reporter=verbose',
  ];
  const args = [
    ...vitest,
    '--reporter=./scripts/vitest-reporter.mjs',
    ...files,
    ...given.filter((arg) => arg !== '--all'),
  ].map((arg) => arg.replace(/\.test\.ts$/, '.test.js'));
  await translate(join(scratch, 'js'));
  const variables = [
    'CTR_TEST_COUNTS=/out/counts.json',
    `CTR_TEST_SLOW=${SLOWNESS}`,
    `CTR_TEST_UPTIME=${Number(seconds) - LAST_TEST_SECONDS}`,
    'CI=true',
    'NO_COLOR=1',
  ];
  const vm = spawnSync(
    join(root, 'test/vm/run'),
    [
      ...['--timeout', seconds, '--out', scratch],
      ...variables.flatMap((variable) => ['--env', variable]),
      ...['--', 'sh', '-c', 'cp -r /out/js/. . && exec node "$@"', 'sh', ...args],
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const counts =
    vm.status === TIMED_OUT
      ? readUnfinished(join(scratch, 'counts.json'), `${seconds} seconds`)
      : readCounts(join(scratch, 'counts.json'), vm.status);
  rmSync(scratch, { recursive: true });
  return counts;
}

/** The tests, and the sources that they import, as JavaScript at the same paths. @param {string} folder */
async function translate(folder) {
  const { build } = await import('esbuild');
  const entryPoints = ['test/rig', 'test/system', 'test/hardening', 'src'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(root, top, name)),
  );
  await build({ entryPoints, outdir: folder, outbase: root, format: 'esm', target: 'node20', logLevel: 'warning' });
}

/** The tests whose behaviour depends on what the VM is: its cgroups, systemd, AppArmor, vsock. */
function listFiles() {
  const patterns = readFileSync(join(root, 'test/vm/files'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.flatMap((pattern) => {
    const found = listMatches(pattern);
    return found.length > 0 ? found : fail(`test/vm/files: no file is '${pattern}'`);
  });
}

/** @param {string} pattern path with at most one `*`, in its last part @returns {string[]} */
function listMatches(pattern) {
  const [start = '', end] = basename(pattern).split('*');
  return readdirSync(join(root, dirname(pattern)))
    .filter((name) => (end === undefined ? name === start : name.startsWith(start) && name.endsWith(end)))
    .sort()
    .map((name) => join(dirname(pattern), name));
}

/** Why no VM can be had here; undefined when it can. The image is made on the way. */
function lacksVm() {
  const build = join(root, 'test/vm/build');
  if (spawnSync(build, ['--check']).status === 0 && hasProgram('qemu-system-x86_64')) return undefined;
  if (process.arch !== 'x64') return 'needs an x86_64 machine';
  if (process.getuid?.() !== 0) return 'needs root, to make the image of the test VM';
  if (!hasProgram('apt-get')) return 'needs Debian, whose packages the test VM is made from';
  const made = spawnSync(build, [], { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' });
  if (made.status === 0) return undefined;
  process.stderr.write(made.stderr);
  return 'the image of the test VM cannot be made here (see above)';
}

if (isMain(import.meta.url)) {
  await buildAll();
  process.exitCode = printCounts(await testInVm(process.argv.slice(2)));
}
