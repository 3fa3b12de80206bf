import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../database/transaction.js';

/**
 * Runs `work` with one snapshot for all its statements, so that sums, mark and rows fit each other. The lock comes first, because a snapshot that is
 * older than a rebuild would find the sums empty (TRUNCATE is seen by old snapshots too); it keeps no roll-up waiting.
 */
export function readConsistently<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query(`
      SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
      LOCK TABLE invoice_statistics IN ACCESS SHARE MODE`);
    return work(client);
  });
}
