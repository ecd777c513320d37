import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The rows of a table are told apart by what they ask.
    chaiConfig: { truncateThreshold: 120 },
    allowOnly: false,
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/kit/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'dns',
          include: ['test/e2e/*.e2e.ts'],
          exclude: ['test/e2e/clusters.e2e.ts'],
          globalSetup: ['test/e2e/kit/global-setup.ts'],
          // The tests wait for other processes and for time to pass more than they compute.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/e2e/kernel/*.e2e.ts'],
          // Packets are counted and seconds measured, on two processors often: what computes shall not run beside them.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'clusters',
          include: ['test/e2e/clusters.e2e.ts', 'test/e2e/clusters/**/*.e2e.ts'],
          globalSetup: ['test/e2e/kit/global-setup.ts', 'test/e2e/bed/global-setup.ts'],
          setupFiles: ['test/e2e/bed/failure-report.ts'],
          // All files share one bed; what one does to a cluster, such as pausing it, shall not happen to another.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
