import { createHash } from 'node:crypto';
import { addressKey } from '../configuration/address-key.js';
import type { Sql } from '../registry/sql.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface DelayRule {
  /** Tries that cost no waiting: fingers slip. */
  readonly freeTries: number;
  /** Without a try for so long, everything is forgotten. */
  readonly forgottenAfterMs: number;
}

/** Five wrong passwords a person types; then at most 96 tries a day (NIST SP 800-63B, 3.2.2, wants fewer than a hundred in a row). */
const OF_ACCOUNT: DelayRule = { freeTries: 5, forgottenAfterMs: 24 * HOUR_MS };
/** A whole office stands behind one address. */
const OF_ADDRESS: DelayRule = { freeTries: 30, forgottenAfterMs: HOUR_MS };

/** The first delay; each further try doubles it. */
const DELAY_MS_FIRST = 1_000;
const DELAY_MS_MAX = 15 * MINUTE_MS;

/** Rows of names and addresses that are forgotten are deleted a few at a time, so that nobody waits for it. */
const SWEEP_ROWS_MAX = 100;

/** A subject of delays: an account's name as typed (there need be no such account), or the address that asks. */
export interface DelaySubject {
  readonly digest: Buffer;
  readonly rule: DelayRule;
}

/** @param name lower case */
export function accountSubject(name: string): DelaySubject {
  return { digest: digestOf(`account:${name}`), rule: OF_ACCOUNT };
}

/** The address that asks; of IPv6 its network. */
export function addressSubject(address: string): DelaySubject {
  return { digest: digestOf(`address:${addressKey(address)}`), rule: OF_ADDRESS };
}

/**
 * Asks for one try and counts it as failed beforehand, so that many at once get no more tries than one after the other. The
 * database decides, for all instances together.
 * @returns milliseconds to wait; 0: try now
 */
export async function claimTry(sql: Sql, { digest, rule }: DelaySubject): Promise<number> {
  const { rowCount } = await sql.query(
    `INSERT INTO sign_in_delay AS known (subject, tries, last_try_at, blocked_until)
     VALUES ($1, 1, clock_timestamp(), ${NOW})
     ON CONFLICT (subject) DO UPDATE SET
       tries = ${TRIES},
       last_try_at = clock_timestamp(),
       blocked_until = ${NOW} + interval '1 millisecond' *
         CASE WHEN ${TRIES} <= $2 THEN 0 ELSE least($4::float8 * 2 ^ least(${TRIES} - $2 - 1, 30), $5::float8) END
     WHERE known.blocked_until <= clock_timestamp()`,
    [digest, rule.freeTries, rule.forgottenAfterMs, DELAY_MS_FIRST, DELAY_MS_MAX],
  );
  if (rowCount === 1) return 0;
  const { rows } = await sql.query<{ wait_ms: number }>(
    'SELECT (extract(epoch FROM blocked_until - clock_timestamp()) * 1000)::float8 AS wait_ms FROM sign_in_delay WHERE subject = $1',
    [digest],
  );
  // It may have ended between the two statements; then the next try is not far.
  return Math.max(Math.ceil(rows[0]?.wait_ms ?? 0), 1);
}

/** Not blocked. The column keeps milliseconds and rounds: a time rounded up would block whoever comes in the same millisecond. */
const NOW = `date_trunc('milliseconds', clock_timestamp())`;

const TRIES = `CASE WHEN known.last_try_at < clock_timestamp() - $3 * interval '1 millisecond' THEN 1 ELSE known.tries + 1 END`;

/** A try succeeded: the account's failures are forgotten, the address gets back this one only, or an account of one's own would buy guesses. */
export async function forgiveTry(sql: Sql, account: DelaySubject, address: DelaySubject): Promise<void> {
  await forgetTries(sql, account);
  await sql.query(
    `UPDATE sign_in_delay SET tries = greatest(tries - 1, 1), blocked_until = ${NOW} WHERE subject = $1`,
    [address.digest],
  );
}

/** Forgets all tries of a subject: an administrator gave its account another password. */
export async function forgetTries(sql: Sql, { digest }: DelaySubject): Promise<void> {
  await sql.query('DELETE FROM sign_in_delay WHERE subject = $1', [digest]);
}

/** Until when no try is taken; null: one is taken now. */
export async function delayedUntil(sql: Sql, { digest }: DelaySubject): Promise<Date | null> {
  const { rows } = await sql.query<{ blocked_until: Date }>(
    'SELECT blocked_until FROM sign_in_delay WHERE subject = $1 AND blocked_until > clock_timestamp()',
    [digest],
  );
  return rows[0]?.blocked_until ?? null;
}

/** Deletes what no rule remembers any more. */
export async function sweepDelays(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM sign_in_delay WHERE subject IN (
       SELECT subject FROM sign_in_delay WHERE last_try_at < now() - $1 * interval '1 millisecond'
       LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [Math.max(OF_ACCOUNT.forgottenAfterMs, OF_ADDRESS.forgottenAfterMs), SWEEP_ROWS_MAX],
  );
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
