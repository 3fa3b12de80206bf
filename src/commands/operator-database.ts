import { Pool } from 'pg';
import { readDatabaseSettings } from '../configuration/read-settings.js';
import type { Outcome } from './outcome.js';
import { outliveLosses } from '../database/lost-sessions.js';

/** A command asks one thing after the other. */
const POOL_SIZE = 1;

/** Runs work on the database that DATABASE_URL names, and lets go of it afterwards. Failures: see failure.ts. */
export async function withDatabase(work: (pool: Pool) => Promise<Outcome>): Promise<Outcome> {
  const { url, connectTimeoutMs, statementTimeoutMs } = readDatabaseSettings();
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    application_name: 'tax-control command',
  });
  outliveLosses(pool);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
