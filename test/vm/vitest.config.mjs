// vitest.config.ts as the test VM needs it: it is plain JavaScript, and so are the tests (scripts/test-vm.mjs), since emulated code
// would take long to translate them. Node loads them by itself.
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

const slowness = Number(process.env.CTR_TEST_SLOW ?? 1);

/** Files run in the order in which they were given: what the VM may have no time for comes last. */
class GivenOrder extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const placeOf = ({ moduleId }) => process.argv.findIndex((arg) => moduleId.endsWith(`/${arg}`));
    return files.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

export default defineConfig({
  root: '/project',
  test: {
    // One project, whose modules are loaded once for all files.
    include: ['test/system/**/*.test.js', 'test/hardening/**/*.test.js'],
    setupFiles: ['test/vm/deadline.mjs'],
    isolate: false,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: GivenOrder },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 60_000 * slowness,
    hookTimeout: 60_000 * slowness,
    teardownTimeout: 30_000 * slowness,
    expect: { poll: { timeout: 1000 * slowness } },
  },
});
