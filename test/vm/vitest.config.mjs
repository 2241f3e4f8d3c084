// vitest.config.ts as the test VM needs it: plain JavaScript, since emulated code would take long to translate it.
import { defineConfig } from 'vitest/config';

const slowness = Number(process.env.CTR_TEST_SLOW ?? 1);

export default defineConfig({
  root: '/project',
  test: {
    // One project, whose modules are loaded once for all files.
    include: ['test/system/**/*.test.ts', 'test/hardening/**/*.test.ts'],
    setupFiles: ['test/vm/deadline.mjs'],
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 60_000 * slowness,
    hookTimeout: 60_000 * slowness,
    teardownTimeout: 30_000 * slowness,
    expect: { poll: { timeout: 1000 * slowness } },
  },
});
