import { Pool } from 'pg';

/**
 * A pool for tests. Dropping a database cuts sessions whose end is still under way; that is no failure of a test, but
 * without a listener it would end the process.
 */
export function testPool(url: string): Pool {
  const pool = new Pool({ connectionString: url });
  pool.on('error', () => undefined);
  return pool;
}
