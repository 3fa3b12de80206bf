import type { Pool } from 'pg';
import type { AuthenticationRefusal } from './standing.js';

/**
 * Attempts of one minute, cause and certificate.
 * @property minute milliseconds since 1970, a whole minute
 * @property thumbprint empty where no certificate was shown, or none of this authority
 * @property remoteAddress of the first of them
 */
export interface RefusedAttempts {
  readonly minute: number;
  readonly cause: AuthenticationRefusal;
  readonly thumbprint: string;
  readonly terminalId: string | null;
  readonly remoteAddress: string;
  readonly attempts: number;
}

/**
 * Adds attempts to what is on file. Not idempotent: called again it counts again, and a commit whose answer was lost may be counted
 * twice. Relies on the primary key (minute, cause, thumbprint); rows are sorted, so that two instances can't deadlock.
 */
export async function storeRefusedAttempts(pool: Pool, rows: readonly RefusedAttempts[]): Promise<void> {
  await pool.query(
    `INSERT INTO refused_authentication AS stored (minute, cause, thumbprint, terminal_id, remote_address, attempts)
     SELECT to_timestamp(minute / 1000.0), cause, thumbprint, terminal_id, remote_address, attempts
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[])
       AS row (minute, cause, thumbprint, terminal_id, remote_address, attempts)
     ORDER BY minute, cause, thumbprint
     ON CONFLICT (minute, cause, thumbprint) DO UPDATE SET attempts = stored.attempts + excluded.attempts`,
    [
      rows.map(({ minute }) => minute),
      rows.map(({ cause }) => cause),
      rows.map(({ thumbprint }) => thumbprint),
      rows.map(({ terminalId }) => terminalId),
      rows.map(({ remoteAddress }) => remoteAddress),
      rows.map(({ attempts }) => attempts),
    ],
  );
}
