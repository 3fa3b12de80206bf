import type { TestProject } from 'vitest/node';
import { deleteAbandonedClusters, startTemporaryCluster, type ClusterAddress } from './temporary-cluster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The cluster of this run; test/support/database.ts makes databases in it. */
    postgresCluster: ClusterAddress;
  }
}

/** Vitest's global set-up of the integration tests: one cluster for the whole run, gone at its end however it ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await deleteAbandonedClusters();
  // Some spec files at once, each with the pools of one or two servers.
  const cluster = await startTemporaryCluster({ max_connections: 200, max_wal_size: '256MB' });
  project.provide('postgresCluster', cluster.address);
  return () => cluster.delete();
}
