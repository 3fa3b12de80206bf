import type { Sql } from '../registry/sql.js';

const DUE = `result = 'refused' AND (invoice IS NOT NULL OR receipt IS NOT NULL) AND handed_id IN (
    SELECT handed_id FROM handed_journal WHERE handed_at < $1::date::timestamp AT TIME ZONE 'UTC' AND terminal_id NOT IN (
      SELECT terminal_id FROM terminal JOIN legal_hold USING (taxpayer_id) WHERE released_at IS NULL
    )
  )`;

/** How many refused invoices of journals that were handed in before a day still have their bytes and need not. @param cutoff YYYY-MM-DD */
export async function countDueHandedBodies(sql: Sql, cutoff: string): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(`SELECT count(*) FROM handed_invoice WHERE ${DUE}`, [cutoff]);
  return Number(rows[0]?.count);
}

/** Takes their bytes away; results, problems and digests stay. Idempotent. @returns how many */
export async function removeHandedBodies(sql: Sql, cutoff: string): Promise<number> {
  const { rowCount } = await sql.query(`UPDATE handed_invoice SET invoice = NULL, receipt = NULL WHERE ${DUE}`, [
    cutoff,
  ]);
  return rowCount ?? 0;
}
