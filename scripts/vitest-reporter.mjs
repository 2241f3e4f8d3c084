// A vitest reporter that says nothing: it writes to $CTR_TEST_COUNTS what scripts/test.mjs prints at the end, and until then what the
// tests have come to so far.
import { writeFileSync } from 'node:fs';

/** @typedef {{ name: string, reason: string }} Outcome */
/** @typedef {{ passed: number, failed: number, skipped: number, failures: Outcome[], skips: Outcome[] }} Counts */

export default class CountingReporter {
  /** @type {Counts} */
  #soFar = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    countTest(test, this.#soFar);
    writeCounts(this.#soFar);
  }

  /** @param {ReadonlyArray<import('vitest/node').TestModule>} modules @param {readonly unknown[]} unhandledErrors */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
    addFailures('outside of the tests', unhandledErrors, counts);
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
  if (module.errors().length > 0) addFailures(module.relativeModuleId, module.errors().slice(0, 1), counts);
  for (const suite of module.children.allSuites())
    if (suite.errors().length > 0)
      addFailures(`${module.relativeModuleId} > ${suite.fullName}`, suite.errors().slice(0, 1), counts);
  for (const test of module.children.allTests()) countTest(test, counts);
}

/** @param {string} name @param {readonly unknown[]} errors each a failure @param {Counts} counts */
function addFailures(name, errors, counts) {
  counts.failed += errors.length;
  for (const error of errors) {
    const message = error instanceof Object && 'message' in error ? String(error.message) : String(error);
    counts.failures.push({ name, reason: message.split('\n', 1)[0] ?? '' });
  }
}

/** @param {import('vitest/node').TestCase} test @param {Counts} counts */
function countTest(test, counts) {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'failed') addFailures(nameOf(test), result.errors.slice(0, 1), counts);
  else {
    counts.skipped += 1;
    const reason = (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
    counts.skips.push({ name: nameOf(test), reason });
  }
}

/** @param {import('vitest/node').TestCase} test */
function nameOf(test) {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
