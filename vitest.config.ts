import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Workspace packages are tested from their sources; processes that a test starts run from dist (npm test builds first).
const shared = {
  ssr: { resolve: { conditions: ['source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};

export default defineConfig({
  test: {
    // Half of the time a test waits for a process or for Postgres: two workers at least keep the processors busy.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // They keep nothing between them, and loading every module anew for each took longer than the tests.
          isolate: false,
          include: ['src/**/*.spec.ts', 'packages/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
          setupFiles: ['test/support/reflect.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          // Each has its own database; what a file starts, it ends.
          isolate: false,
          include: ['test/**/*.spec.ts'],
          setupFiles: ['test/support/reflect.ts'],
          globalSetup: ['test/support/postgres-cluster.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
