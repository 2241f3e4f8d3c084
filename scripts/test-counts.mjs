// What the tests came to: read from the file of scripts/vitest-reporter.mjs, and printed.
import { readFileSync } from 'node:fs';

/** @typedef {import('./vitest-reporter.mjs').Counts} Counts */

const NO_COUNTS = 'it has left no counts';

/**
 * A run of no test, or one that vitest itself calls failed for another reason, must not pass.
 * @param {string} file @param {number | null} status of vitest @returns {Counts}
 */
export function readCounts(file, status) {
  /** @type {Counts} */
  let counts;
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: [{ name: 'the run', reason: NO_COUNTS }], skips: [] };
  }
  const isOdd = counts.failed === 0 && (status !== 0 || counts.passed + counts.skipped === 0);
  return isOdd
    ? { ...counts, failed: 1, failures: [{ name: 'the run', reason: `vitest ended with ${status}` }] }
    : counts;
}

/**
 * A run that was cut off has failed in what failed until then; a machine without the time for the rest is no failure.
 * @param {string} file @param {string} time that it had @returns {Counts}
 */
export function readUnfinished(file, time) {
  /** @type {Counts} */
  let counts = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not one has ended.
  }
  const rest = { name: 'the tests in the VM that had not ended', reason: `the VM has no more time than ${time}` };
  return { ...counts, skipped: counts.skipped + 1, skips: [...counts.skips, rest] };
}

/** Prints the skips, the failures, and as the last line the counts, alone. @param {Counts} counts @returns {number} exit status */
export function printCounts(counts) {
  printSkips(counts.skips);
  for (const failure of counts.failures) process.stdout.write(`failed, ${failure.name}:\n  ${failure.reason}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 ? 0 : 1;
}

/** @param {readonly Counts[]} all @returns {Counts} */
export function sumCounts(all) {
  /** @param {'passed' | 'failed' | 'skipped'} key */
  const sum = (key) => all.reduce((total, counts) => total + counts[key], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: all.flatMap((counts) => counts.failures),
    skips: all.flatMap((counts) => counts.skips),
  };
}

/** Prints each reason once, with the tests it kept from running. @param {Counts['skips']} skips */
function printSkips(skips) {
  for (const reason of new Set(skips.map((skip) => skip.reason))) {
    process.stdout.write(`skipped, ${reason}:\n`);
    for (const skip of skips.filter((skip) => skip.reason === reason)) process.stdout.write(`  ${skip.name}\n`);
  }
}
