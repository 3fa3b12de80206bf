import { defineConfig } from 'vitest/config';

// Workspace packages are tested from their sources; processes that a test starts run from dist (npm test builds first).
const shared = {
  ssr: { resolve: { conditions: ['source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['src/**/*.spec.ts', 'packages/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
          setupFiles: ['test/support/reflect.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
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
