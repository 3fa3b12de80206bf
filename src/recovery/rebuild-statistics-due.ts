import type { Pool } from 'pg';
import { rebuildStatistics, type Rebuilt } from '../log-analytics/rebuild.js';
import type { Sql } from '../registry/sql.js';

/**
 * Makes the sums of reports anew where a recovery has left that to do: in another cluster, the transaction numbers by which they are kept up mean
 * nothing. Issuing does not wait for it. Of several instances one does it.
 *
 * @param pool of at least two sessions
 * @returns what was done; null: nothing was due, or another instance is at it
 */
export async function rebuildStatisticsIfDue(pool: Pool): Promise<Rebuilt | null> {
  if ((await lastDue(pool)) === null) return null;
  const lock = await pool.connect();
  try {
    const { rows } = await lock.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('rebuild_statistics')) AS taken`,
    );
    // Asked again behind the lock: the one who had it may be through.
    const due = rows[0]?.taken === true ? await lastDue(lock) : null;
    if (due === null) return null;
    const rebuilt = await rebuildStatistics(pool);
    await lock.query(
      `UPDATE database_recovery SET statistics_rebuilt_at = now()
       WHERE recovery_id <= $1 AND statistics_due AND statistics_rebuilt_at IS NULL`,
      [due],
    );
    return rebuilt;
  } finally {
    // Ends the session, and with it the lock.
    lock.release(true);
  }
}

async function lastDue(sql: Sql): Promise<number | null> {
  const { rows } = await sql.query<{ recovery_id: number | null }>(
    'SELECT max(recovery_id) AS recovery_id FROM database_recovery WHERE statistics_due AND statistics_rebuilt_at IS NULL',
  );
  return rows[0]?.recovery_id ?? null;
}
