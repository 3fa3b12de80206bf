import { createHash, randomBytes } from 'node:crypto';
import type { Sql } from '../registry/sql.js';

/**
 * 192 random bits, 32 characters in base64url: nobody guesses it in any number of tries, so wrong ones lock nothing. A lock would
 * let anybody who can reach the port make every open invitation useless.
 */
const SECRET_BYTES = 24;

/** An invitation as the database has it; `expired` by the database's clock, which all instances share. */
export interface InvitationRow {
  readonly invitationId: string;
  readonly secretDigest: Buffer;
  readonly expired: boolean;
  /** SHA-256 of the key (SubjectPublicKeyInfo) that was enrolled with it; null while unused. */
  readonly keyDigest: Buffer | null;
  readonly thumbprint: string | null;
}

/** What the operator hands over; the secret exists nowhere else afterwards. Times are the database's. */
export interface NewInvitation {
  readonly secret: string;
  /** What of it may be written down. */
  readonly secretDigest: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** SHA-256 of a secret. No salt and no slow hash: its bits are random, there is no dictionary to try. */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * Makes an invitation for each of some terminals; unused ones of the same terminals end at once, so that a string that went astray is
 * worthless. Not idempotent. Needs a transaction that holds the terminals (`lockTerminals`): otherwise two invitations at once both stay
 * open, and so does one that meets a revocation. Their times are those at which the terminals were held.
 * @returns by terminal
 */
export async function createInvitations(
  sql: Sql,
  terminalIds: readonly string[],
  lifeDays: number,
): Promise<Map<string, NewInvitation>> {
  const secrets = terminalIds.map(() => randomBytes(SECRET_BYTES).toString('base64url'));
  const digests = secrets.map(secretDigest);
  await endInvitations(sql, ...terminalIds);
  const { rows } = await sql.query<{ terminal_id: string; created_at: Date; expires_at: Date }>(
    `INSERT INTO invitation (terminal_id, secret_digest, created_at, expires_at)
     SELECT terminal_id, secret_digest, at, at + make_interval(days => $3)
     FROM unnest($1::text[], $2::bytea[]) AS new(terminal_id, secret_digest), (SELECT clock_timestamp() AS at OFFSET 0) AS moment
     RETURNING terminal_id, created_at, expires_at`,
    [terminalIds, digests, lifeDays],
  );
  const times = new Map(rows.map((row) => [row.terminal_id, { createdAt: row.created_at, expiresAt: row.expires_at }]));
  return new Map(
    terminalIds.map((terminalId, index) => {
      const [secret, digest, created] = [secrets[index], digests[index], times.get(terminalId)];
      if (secret === undefined || digest === undefined || created === undefined)
        throw new Error('INSERT … RETURNING gave too few rows');
      return [terminalId, { secret, secretDigest: digest, ...created }];
    }),
  );
}

/** Ends the invitations of terminals that nobody has used. Idempotent. */
export async function endInvitations(sql: Sql, ...terminalIds: readonly string[]): Promise<void> {
  await sql.query(
    'UPDATE invitation SET expires_at = clock_timestamp() WHERE terminal_id = ANY ($1) AND used_at IS NULL AND expires_at > clock_timestamp()',
    [terminalIds],
  );
}

/** What became of an invitation, for operators; the secret is nowhere to be read. */
export interface InvitationState {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly state: 'open' | 'used' | 'expired';
  /** Wrong secrets that somebody showed for the terminal while this one was open. They change nothing. */
  readonly wrongTries: number;
  readonly lastWrongTryAt: Date | null;
}

/** All invitations of a terminal, the newest first. */
export async function listInvitations(sql: Sql, terminalId: string): Promise<InvitationState[]> {
  const { rows } = await sql.query<{
    readonly created_at: Date;
    readonly expires_at: Date;
    readonly state: InvitationState['state'];
    readonly wrong_tries: number;
    readonly last_wrong_try_at: Date | null;
  }>(
    `SELECT created_at, expires_at, wrong_tries, last_wrong_try_at,
            CASE WHEN used_at IS NOT NULL THEN 'used' WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
     FROM invitation WHERE terminal_id = $1 ORDER BY invitation_id DESC`,
    [terminalId],
  );
  return rows.map((row) => ({
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state,
    wrongTries: row.wrong_tries,
    lastWrongTryAt: row.last_wrong_try_at,
  }));
}

/** The invitation of a terminal with a secret; null: the secret is wrong, or there is no such terminal. */
export async function findInvitation(sql: Sql, terminalId: string, digest: Buffer): Promise<string | null> {
  const { rows } = await sql.query<{ invitation_id: string }>(
    'SELECT invitation_id FROM invitation WHERE terminal_id = $1 AND secret_digest = $2',
    [terminalId, digest],
  );
  return rows[0]?.invitation_id ?? null;
}

/**
 * An invitation, locked until the transaction ends: of two keys at once the second finds what the first one got. One that another
 * invitation ended while this waited for the lock is expired.
 */
export async function lockInvitation(sql: Sql, invitationId: string): Promise<InvitationRow> {
  const { rows } = await sql.query<Row>(
    `SELECT invitation_id, secret_digest, expires_at <= clock_timestamp() AS expired, key_digest, thumbprint
     FROM invitation WHERE invitation_id = $1 FOR UPDATE`,
    [invitationId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an invitation is gone; none is ever deleted');
  return {
    invitationId: row.invitation_id,
    secretDigest: row.secret_digest,
    expired: row.expired,
    keyDigest: row.key_digest,
    thumbprint: row.thumbprint,
  };
}

/**
 * Counts a wrong secret at the open invitation of a terminal, if there is one, for operators to see. Not idempotent. The number
 * stops where its column ends.
 */
export async function countWrongTry(sql: Sql, terminalId: string): Promise<void> {
  await sql.query(
    `UPDATE invitation SET wrong_tries = wrong_tries + 1, last_wrong_try_at = now()
     WHERE terminal_id = $1 AND used_at IS NULL AND expires_at > now() AND wrong_tries < 2147483647`,
    [terminalId],
  );
}

/** Marks an invitation as used for a key and its certificate. */
export async function useInvitation(
  sql: Sql,
  invitationId: string,
  keyDigest: Buffer,
  thumbprint: string,
): Promise<void> {
  await sql.query('UPDATE invitation SET used_at = now(), key_digest = $2, thumbprint = $3 WHERE invitation_id = $1', [
    invitationId,
    keyDigest,
    thumbprint,
  ]);
}

interface Row {
  readonly invitation_id: string;
  readonly secret_digest: Buffer;
  readonly expired: boolean;
  readonly key_digest: Buffer | null;
  readonly thumbprint: string | null;
}
