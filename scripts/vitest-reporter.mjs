// A vitest reporter that says nothing: it writes to $CTR_TEST_COUNTS what scripts/test.mjs prints at the end, and until then what the
// tests have come to so far.
import { writeFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number, skips: { name: string, reason: string }[] }} Counts */

export default class CountingReporter {
  /** @type {Counts} */
  #soFar = { passed: 0, failed: 0, skipped: 0, skips: [] };

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    countTest(test, this.#soFar);
    writeCounts(this.#soFar);
  }

  /** @param {ReadonlyArray<import('vitest/node').TestModule>} modules @param {readonly unknown[]} unhandledErrors */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, skips: [] };
    for (const module of modules) countModule(module, counts);
    writeCounts(counts);
  }
}

/** @param {Counts} counts */
function writeCounts(counts) {
  const file = process.env.CTR_TEST_COUNTS;
  if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
}

/** A file, or a suite, that failed by itself (its import, a hook) is one failure besides its tests. @param {import('vitest/node').TestModule} module @param {Counts} counts */
function countModule(module, counts) {
  if (module.errors().length > 0) counts.failed += 1;
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
  for (const test of module.children.allTests()) countTest(test, counts);
}

/** @param {import('vitest/node').TestCase} test @param {Counts} counts */
function countTest(test, counts) {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'failed') counts.failed += 1;
  else {
    counts.skipped += 1;
    const reason = (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
    counts.skips.push({ name: `${test.module.relativeModuleId} > ${test.fullName}`, reason });
  }
}
