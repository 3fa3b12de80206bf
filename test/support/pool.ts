import { Pool, type PoolConfig } from 'pg';
import { outliveLosses } from '../../src/database/lost-sessions.js';

/**
 * A pool for tests. `pool.end()` resolves before PostgreSQL has ended the sessions. A database that is dropped then
 * cuts them, and an error of a pool without a listener ends the process.
 */
export function testPool(settings: string | PoolConfig): Pool {
  const pool = new Pool(typeof settings === 'string' ? { connectionString: settings } : settings);
  outliveLosses(pool);
  return pool;
}
