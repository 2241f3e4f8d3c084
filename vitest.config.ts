import { defineConfig } from 'vitest/config';
import { slow } from './test/rig/slow.js';

/** Tests that need root and a real kernel: one after another, each with the machine to itself. */
const onTheKernel = {
  fileParallelism: false,
  maxWorkers: 1,
  testTimeout: slow(60_000),
  hookTimeout: slow(60_000),
  teardownTimeout: slow(30_000),
  expect: { poll: { timeout: slow(1000) } },
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
