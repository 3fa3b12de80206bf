import type { Sql } from './sql.js';

/** The version of the parameters that a till asked for last; `at`: RFC 3339. */
export interface FetchedVersion {
  readonly version: number;
  readonly at: string;
}

/** A till asks every few minutes; its row is written only when it tells something new, or this much later. */
const REFRESH = `interval '1 hour'`;

/**
 * Notes which version a till was given, or said that it has. Idempotent; a fetch that tells nothing new writes nothing.
 */
export async function noteFetchedVersion(sql: Sql, terminalId: string, version: number): Promise<void> {
  await sql.query(
    `INSERT INTO fetched_parameters (terminal_id, version, fetched_at) VALUES ($1, $2, now())
     ON CONFLICT (terminal_id) DO UPDATE SET version = excluded.version, fetched_at = excluded.fetched_at
     WHERE fetched_parameters.version <> excluded.version OR fetched_parameters.fetched_at < now() - ${REFRESH}`,
    [terminalId, version],
  );
}

/** What a till asked for last; null where the server saw nothing of it. */
export async function readFetchedVersion(sql: Sql, terminalId: string): Promise<FetchedVersion | null> {
  const { rows } = await sql.query<{ version: number; fetched_at: Date }>(
    'SELECT version, fetched_at FROM fetched_parameters WHERE terminal_id = $1',
    [terminalId],
  );
  return rows[0] === undefined ? null : { version: rows[0].version, at: rows[0].fetched_at.toISOString() };
}
