import { Pool } from 'pg';
import { judgeSessions } from '../../database/shared-sessions.js';
import { check, failed, ok, warning } from './check.js';
import { outliveLosses } from '../../database/lost-sessions.js';

/** As many as it takes to see whether they are kept apart. */
const POOL_SIZE = 2;

/** Whether a session is passed through as it is: it stays one session, and has the limits that it began with. */
export const databaseSessionsCheck = check({
  name: 'database-sessions',
  needs: ['settings', 'database'],
  look: async ({ settings: { database: settings } }) => {
    const pool = new Pool({
      connectionString: settings.url,
      max: POOL_SIZE,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: settings.statementTimeoutMs,
      application_name: 'tax-control doctor',
    });
    outliveLosses(pool);
    try {
      const faults = await judgeSessions(pool);
      if (faults.length > 0) return faults.map(({ seen, advice }) => failed(seen, advice));
      return (await readStatementTimeoutMs(pool)) === settings.statementTimeoutMs
        ? [ok('A session with the database stays one session, with the limits that it began with.')]
        : [
            warning(
              'A session does not have the limits that it began with: a pooler before the database drops them (ignore_startup_parameters).',
              'Name PostgreSQL itself in DATABASE_URL; or set statement_timeout and idle_in_transaction_session_timeout with ALTER ROLE … SET.',
            ),
          ];
    } finally {
      await pool.end();
    }
  },
});

async function readStatementTimeoutMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ ms: string }>(
    `SELECT setting AS ms FROM pg_settings WHERE name = 'statement_timeout'`,
  );
  return Number(rows[0]?.ms);
}
