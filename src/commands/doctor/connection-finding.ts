import type { Pool } from 'pg';
import { connectionFault } from '../../database/connection-fault.js';
import { failed, type Finding, ok, warning } from './check.js';

interface SessionRow {
  readonly login: string;
  readonly database: string;
}

/** Milliseconds for the shortest question, journey included. A till waits 1.5 s for its code, for which the database is asked several times. */
const ANSWER_SLOW_MS = 200;

/** Connects and asks for something; what went wrong, without anything of the address. */
export async function connectionFinding(pool: Pool): Promise<Finding> {
  try {
    await pool.query('SELECT 1');
    const before = performance.now();
    const { rows } = await pool.query<SessionRow>('SELECT session_user::text AS login, current_database() AS database');
    const tookMs = Math.max(Math.round(performance.now() - before), 1);
    const seen = `The database ${rows[0]?.database ?? ''} answers ${rows[0]?.login ?? ''} within ${tookMs} ms.`;
    return tookMs <= ANSWER_SLOW_MS
      ? ok(seen)
      : warning(seen, 'Look at its load, its disk and the line to it: tills wait for it.');
  } catch (error) {
    return failureFinding(error);
  }
}

/** What a check could not do at the database. */
export function failureFinding(error: unknown): Finding {
  const fault = connectionFault(error);
  if (fault !== null) return failed(fault.seen, fault.advice);
  const reason = error instanceof Error ? error.message : String(error);
  return failed(`It could not be looked at: ${reason}.`, 'Look at the log of the database, and correct DATABASE_URL.');
}
