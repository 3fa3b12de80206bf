import { Pool } from 'pg';
import type { DatabaseSettings } from '../configuration/settings.js';
import { outliveLosses } from '../database/lost-sessions.js';

/** One works, and one holds a lock meanwhile. */
const POOL_SIZE = 2;
/**
 * A host that loses its power while it holds the lock lets nobody issue. The database looks after 10 seconds of silence, and gives it up 15 seconds
 * later; TCP by itself would take hours.
 */
const LOST_HOST_IS_NOTICED = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/**
 * Sessions for the recovery alone, which nobody compares: those of the server's pool are refused until it is through. Statements have no limit of
 * time here, because making sums anew reads whole tables.
 */
export async function withPrivatePool<T>(
  { url, connectTimeoutMs }: DatabaseSettings,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'tax-control recovery',
    options: LOST_HOST_IS_NOTICED,
  });
  outliveLosses(pool);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
