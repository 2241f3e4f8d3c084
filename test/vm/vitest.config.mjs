// vitest.config.ts as the test VM needs it: plain JavaScript, since emulated code would take long to translate it.
import { defineConfig } from 'vitest/config';

const slowness = Number(process.env.CTR_TEST_SLOW ?? 1);

const onTheKernel = {
  fileParallelism: false,
  maxWorkers: 1,
  // Modules are loaded once for all files.
  isolate: false,
  setupFiles: ['test/vm/deadline.mjs'],
  testTimeout: 60_000 * slowness,
  hookTimeout: 60_000 * slowness,
  teardownTimeout: 30_000 * slowness,
  expect: { poll: { timeout: 1000 * slowness } },
};

export default defineConfig({
  root: '/project',
  test: {
    projects: [
      { test: { name: 'system', include: ['test/system/**/*.test.ts'], ...onTheKernel } },
      { test: { name: 'hardening', include: ['test/hardening/**/*.test.ts'], ...onTheKernel } },
    ],
  },
});
