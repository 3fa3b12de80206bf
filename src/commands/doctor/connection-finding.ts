import type { Pool } from 'pg';
import { sqlFailure } from '../../database/sql-failure.js';
import { failed, type Finding, ok } from './check.js';

interface SessionRow {
  readonly login: string;
  readonly database: string;
}

/** Milliseconds that a look-up by key takes at most, journey included, where nothing is wrong: a till waits 1.5 s for all of it. */
const ANSWER_SLOW_MS = 200;

/** Connects and asks for something; what went wrong, without anything of the address. */
export async function connectionFinding(pool: Pool): Promise<Finding> {
  try {
    await pool.query('SELECT 1');
    const before = performance.now();
    const { rows } = await pool.query<SessionRow>('SELECT session_user::text AS login, current_database() AS database');
    const tookMs = Math.round(performance.now() - before);
    const seen = `The database ${rows[0]?.database ?? ''} answers ${rows[0]?.login ?? ''} within ${Math.max(tookMs, 1)} ms.`;
    return tookMs <= ANSWER_SLOW_MS
      ? ok(seen)
      : { status: 'warning', seen, advice: 'Look at its load, its disk and the line to it: tills wait for it.' };
  } catch (error) {
    return connectionFailure(error);
  }
}

/** What PostgreSQL says when it lets nobody in, by SQLSTATE (appendix A): what was seen, and what to do. */
const REFUSALS: Readonly<Record<string, readonly [seen: string, advice: string]>> = {
  '28P01': ['The database refused the log-in.', 'Correct user and password in DATABASE_URL.'],
  '28000': ['The database refused the log-in.', 'Correct the user in DATABASE_URL, or pg_hba.conf of the database.'],
  '3D000': ['There is no database of that name.', 'Correct the name in DATABASE_URL, or make the database.'],
  '42501': [
    'The log-in may not do that.',
    'Make it a member of tax_control_server, and grant CONNECT on the database to that role (docker/roles.sql shows how).',
  ],
  '53300': [
    'The database has no connection left.',
    'Raise max_connections, or lower DATABASE_POOL_SIZE: instances × pool size must fit in it.',
  ],
  '57P03': [
    'The database is starting up or shutting down.',
    'Wait, and look at the log of the database if it stays so.',
  ],
};

/** What went wrong with a connection or statement, in words for the operator. */
export function connectionFailure(error: unknown): Finding {
  const { kind, sqlState = '' } = sqlFailure(error);
  const refusal = REFUSALS[sqlState];
  if (refusal !== undefined) return failed(...refusal);
  if (kind === 'unavailable')
    return failed(
      'The database cannot be reached.',
      'See that it runs, that host and port in DATABASE_URL are right, and that no firewall stands between.',
    );
  const reason = error instanceof Error ? error.message : String(error);
  return failed(`The database did not answer as it should: ${reason}.`, 'Look at its log, and correct DATABASE_URL.');
}
