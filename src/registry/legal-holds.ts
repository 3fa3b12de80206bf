import type { Sql } from './sql.js';

/** A hold: as long as it is in force (`releasedAt` null), nothing of the taxpayer's content goes. */
export interface LegalHold {
  readonly holdId: string;
  readonly taxpayerId: string;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly releasedAt: Date | null;
  readonly releaseReason: string | null;
}

const COLUMNS = `hold_id AS "holdId", taxpayer_id AS "taxpayerId", reason, placed_by AS "placedBy", placed_at AS "placedAt",
  released_at AS "releasedAt", release_reason AS "releaseReason"`;

/** Places a hold, beside others that there may be. Waits for a removal under way. Not idempotent. */
export async function placeHold(sql: Sql, taxpayerId: string, reason: string): Promise<LegalHold | 'taxpayer_unknown'> {
  const { rows: known } = await sql.query('SELECT FROM taxpayer WHERE taxpayer_id = $1', [taxpayerId]);
  if (known.length === 0) return 'taxpayer_unknown';
  const { rows } = await sql.query<LegalHold>(
    `INSERT INTO legal_hold (taxpayer_id, reason) VALUES ($1, $2) RETURNING ${COLUMNS}`,
    [taxpayerId, reason],
  );
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row');
  return rows[0];
}

/** Releases a hold; one that is released stays as it is. */
export async function releaseHold(
  sql: Sql,
  holdId: number,
  reason: string,
): Promise<{ readonly result: 'released' | 'unchanged'; readonly hold: LegalHold } | { readonly result: 'unknown' }> {
  const { rows } = await sql.query<LegalHold>(
    `UPDATE legal_hold SET released_at = clock_timestamp(), released_by = session_user, release_reason = $2
     WHERE hold_id = $1 AND released_at IS NULL RETURNING ${COLUMNS}`,
    [holdId, reason],
  );
  if (rows[0] !== undefined) return { result: 'released', hold: rows[0] };
  const [hold] = (await listHolds(sql)).filter((one) => one.holdId === String(holdId));
  return hold === undefined ? { result: 'unknown' } : { result: 'unchanged', hold };
}

/** All holds, those in force first, the newest first. */
export async function listHolds(sql: Sql): Promise<LegalHold[]> {
  const { rows } = await sql.query<LegalHold>(
    `SELECT ${COLUMNS} FROM legal_hold ORDER BY released_at IS NOT NULL, hold_id DESC`,
  );
  return rows;
}
