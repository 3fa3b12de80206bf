import type { Queryable } from '../queryable.js';

const DUE = `refused_at < $1::date::timestamp AT TIME ZONE 'UTC' AND body_removed_at IS NULL
  AND terminal_id NOT IN (
    SELECT terminal_id FROM terminal JOIN legal_hold USING (taxpayer_id) WHERE released_at IS NULL
  )`;

/** How many refused invoices of before a day still have their bytes and need not. @param cutoff YYYY-MM-DD */
export async function countDueRefusedBodies(sql: Queryable, cutoff: string): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(`SELECT count(*) FROM refused_invoice WHERE ${DUE}`, [cutoff]);
  return Number(rows[0]?.count);
}

/** Takes their bytes away; the digests that their place in the journal rests on stay. Idempotent. @returns how many */
export async function removeRefusedBodies(sql: Queryable, cutoff: string): Promise<number> {
  const { rowCount } = await sql.query(
    `UPDATE refused_invoice SET payload_digest = payload_digest_of(body), body = '', body_removed_at = now() WHERE ${DUE}`,
    [cutoff],
  );
  return rowCount ?? 0;
}
