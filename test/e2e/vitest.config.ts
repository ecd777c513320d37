import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['test/e2e/kit/global-setup.ts'],
    // The rows of a table are told apart by what they ask.
    chaiConfig: { truncateThreshold: 120 },
    allowOnly: false,
    passWithNoTests: false,
    // The tests wait for other processes and for time to pass more than they compute.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/kit/reporter.ts'],
  },
});
