import type { SessionRow } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import { type Account, ACCOUNT_COLUMNS, accountOf, type AccountRow } from './account-store.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Unused for longer, a session ends: half an hour is a meeting (NIST SP 800-63B-3, 4.2.3, its strictest level with a password). */
export const SESSION_IDLE_MS_MAX = 30 * MINUTE_MS;
/** However busy, it ends after a long working day (same source). */
const SESSION_MS_MAX = 12 * HOUR_MS;
/** How exactly it is known when a session was used last; not every click is worth a write. */
const LAST_SEEN_STEP_MS = MINUTE_MS;
/** Sessions of one account: more desks than anyone has; the oldest one ends. */
const SESSIONS_MAX = 20;

export interface OpenSession {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly account: Account;
}

export interface NewSession {
  readonly digest: Buffer;
  readonly name: string;
  readonly remoteAddress: string;
  readonly userAgent: string | null;
}

/** Opens a session; ends the account's oldest ones above the bound, and those that have run out. */
export async function insertSession(sql: Sql, session: NewSession): Promise<{ sessionId: string; expiresAt: Date }> {
  await sql.query(
    `DELETE FROM official_session WHERE official_name = $1 AND (
       expires_at <= now() OR last_seen_at <= now() - $2 * interval '1 millisecond' OR session_id IN (
         SELECT session_id FROM official_session WHERE official_name = $1 ORDER BY started_at DESC OFFSET $3))`,
    [session.name, SESSION_IDLE_MS_MAX, SESSIONS_MAX - 1],
  );
  const { rows } = await sql.query<{ session_id: string; expires_at: Date }>(
    `INSERT INTO official_session (token_digest, official_name, expires_at, remote_address, user_agent)
     VALUES ($1, $2, now() + $3 * interval '1 millisecond', $4, $5) RETURNING session_id, expires_at`,
    [session.digest, session.name, SESSION_MS_MAX, session.remoteAddress, session.userAgent],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('INSERT returned no row');
  return { sessionId: row.session_id, expiresAt: row.expires_at };
}

/** The session of a token, if it is open and its account is not disabled; notes that it was used. */
export async function findSession(sql: Sql, digest: Buffer): Promise<OpenSession | null> {
  const { rows } = await sql.query<AccountRow & { session_id: string; expires_at: Date; is_stale: boolean }>(
    `SELECT session_id, expires_at, last_seen_at <= now() - $3 * interval '1 millisecond' AS is_stale, ${ACCOUNT_COLUMNS}
     FROM official_session JOIN official ON official_name = name
     WHERE token_digest = $1 AND expires_at > now() AND last_seen_at > now() - $2 * interval '1 millisecond' AND disabled_at IS NULL`,
    [digest, SESSION_IDLE_MS_MAX, LAST_SEEN_STEP_MS],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (row.is_stale)
    await sql.query('UPDATE official_session SET last_seen_at = now() WHERE session_id = $1', [row.session_id]);
  return { sessionId: row.session_id, expiresAt: row.expires_at, account: accountOf(row) };
}

/** Open sessions of an account, newest first. */
export async function listSessions(sql: Sql, name: string): Promise<Omit<SessionRow, 'current'>[]> {
  const { rows } = await sql.query<{
    session_id: string;
    started_at: Date;
    last_seen_at: Date;
    expires_at: Date;
    remote_address: string;
    user_agent: string | null;
  }>(
    `SELECT session_id, started_at, last_seen_at, expires_at, remote_address, user_agent FROM official_session
     WHERE official_name = $1 AND expires_at > now() AND last_seen_at > now() - $2 * interval '1 millisecond'
     ORDER BY started_at DESC, session_id`,
    [name, SESSION_IDLE_MS_MAX],
  );
  return rows.map((row) => ({
    sessionId: row.session_id,
    startedAt: row.started_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    remoteAddress: row.remote_address,
    userAgent: row.user_agent,
  }));
}

/** Ends the session of a token, whoever's it is; nothing where there is none. */
export async function endSessionOfToken(sql: Sql, digest: Buffer): Promise<void> {
  await sql.query('DELETE FROM official_session WHERE token_digest = $1', [digest]);
}

/** Ends one session of an account; tells whether there was one. */
export async function endSession(sql: Sql, name: string, sessionId: string): Promise<boolean> {
  const { rowCount } = await sql.query('DELETE FROM official_session WHERE official_name = $1 AND session_id = $2', [
    name,
    sessionId,
  ]);
  return rowCount === 1;
}

/** Ends all sessions of an account; tells how many there were. */
export async function endSessions(sql: Sql, name: string): Promise<number> {
  const { rowCount } = await sql.query('DELETE FROM official_session WHERE official_name = $1', [name]);
  return rowCount ?? 0;
}
