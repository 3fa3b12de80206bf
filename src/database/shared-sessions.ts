import type { Pool, PoolClient } from 'pg';
import type { Fault } from './fault.js';

/** A pooler hands out the session that was last given back, or each in its turn: two questions see both. */
const QUESTIONS = 2;

const SHARED: Fault = {
  seen: 'A pooler before the database gives one session to several clients (PgBouncer with pool_mode = transaction, or the like).',
  advice:
    'Name PostgreSQL itself in DATABASE_URL, or a pool with pool_mode = session: each server has a pool of its own (docs/operating/database.md).',
};

/**
 * Whether a session stays one session. A pooler that shares them breaks the look at each new session (docs/decisions/0025) and with it
 * the promise that no number is given twice, and the locks of commands.
 *
 * @param pool of two sessions or more
 */
export async function judgeSessions(pool: Pool): Promise<Fault[]> {
  const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
  try {
    return (await areShared(one, other)) ? [SHARED] : [];
  } finally {
    one.release();
    other.release();
  }
}

/** Both are in a transaction, then neither is: who shares sessions has given `other` the session of `one` by then. */
async function areShared(one: PoolClient, other: PoolClient): Promise<boolean> {
  await one.query('BEGIN');
  await other.query('BEGIN');
  const own = await processOf(other);
  await other.query('COMMIT');
  await one.query('COMMIT');
  for (let question = 0; question < QUESTIONS; question += 1) {
    if ((await processOf(other)) !== own) return true;
  }
  return false;
}

async function processOf(client: PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}
