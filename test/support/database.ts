import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { ensureDatabase, loginUrls, withSuperuser } from '../../tools/local/roles.js';
import type { ClusterAddress } from './temporary-cluster.js';
import './postgres-cluster.js';

/** A database of its own for one spec, with the schema of the real migrations and nothing in it. */
export interface TestDatabase {
  readonly name: string;
  /** Addresses by role. The superuser's is for faults and for looking at what no role may see. */
  readonly serverUrl: string;
  readonly operatorUrl: string;
  readonly migratorUrl: string;
  readonly auditorUrl: string;
  readonly superuserUrl: string;
  /** Cuts whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Copies the template (some 30 ms).
 *
 * @param cluster a cluster of the spec's own (startTemporaryCluster), where it is to be killed; else the one of the run
 * @param options.empty without the migrations
 */
export async function createTestDatabase(
  cluster: ClusterAddress = inject('postgresCluster'),
  options: { readonly empty?: boolean } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withSuperuser(cluster.superuserUrl, (superuser) =>
    ensureDatabase(superuser, name, options.empty === true ? undefined : cluster.template),
  );
  const urls = loginUrls(cluster.superuserUrl, name, cluster.passwords);
  const superuserUrl = new URL(cluster.superuserUrl);
  superuserUrl.pathname = `/${name}`;
  return {
    name,
    serverUrl: urls.server,
    operatorUrl: urls.operator,
    migratorUrl: urls.migrator,
    auditorUrl: urls.auditor,
    superuserUrl: superuserUrl.href,
    drop: async () => {
      await withSuperuser(cluster.superuserUrl, (superuser) =>
        superuser.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      );
    },
  };
}

/** Runs one statement in a session of its own and gives its rows. */
export async function queryOnce<Row extends QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
