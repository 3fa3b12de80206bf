import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * A test takes as long as the machine lets it: beside a build, a browser and four other test files, what takes 0.2 s alone was seen to take 30 s.
 * These bounds only end what hangs. A test that is about time sets its own.
 */
const TEST_TIMEOUT_MS = 120_000;
/** What a test waits for by asking again and again: below the bound of a test, so that its failure says what did not come. */
const POLL_TIMEOUT_MS = 60_000;

// Workspace packages are tested from their sources; processes that a test starts run from dist (npm test builds first).
const shared = {
  ssr: { resolve: { conditions: ['source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};
const bounds = {
  testTimeout: TEST_TIMEOUT_MS,
  hookTimeout: TEST_TIMEOUT_MS,
  expect: { poll: { timeout: POLL_TIMEOUT_MS } },
};

export default defineConfig({
  test: {
    // Half of the time a test waits for a process or for Postgres: three workers keep two processors busy.
    maxWorkers: Math.max(2, Math.ceil(1.5 * availableParallelism())),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // They keep nothing between them, and loading every module anew for each took longer than the tests.
          isolate: false,
          include: ['src/**/*.spec.ts', 'packages/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
          setupFiles: ['test/support/reflect.ts'],
          ...bounds,
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
          ...bounds,
        },
      },
    ],
  },
});
