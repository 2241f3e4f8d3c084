import { defineConfig } from 'vitest/config';

/** Tests that need root and a real kernel: one after another, each with the machine to itself. */
const onTheKernel = {
  fileParallelism: false,
  maxWorkers: 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 30_000,
} as const;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'] } },
      { test: { name: 'system', include: ['test/system/**/*.test.ts'], ...onTheKernel } },
      { test: { name: 'hardening', include: ['test/hardening/**/*.test.ts'], ...onTheKernel } },
    ],
  },
});
