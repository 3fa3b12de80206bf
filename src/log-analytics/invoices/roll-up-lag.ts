import type { Sql } from '../../registry/sql.js';

/** `oldestAt`: when the oldest invoice was registered that is not in the sums yet; null when all are. */
export interface RollUpLag {
  readonly oldestAt: Date | null;
}

/** How far the sums of invoices are behind the ledger: one row of an index, however many there are. */
export async function readRollUpLag(sql: Sql): Promise<RollUpLag> {
  const { rows } = await sql.query<{ registered_at: Date }>(
    `SELECT ledger.registered_at FROM invoice_statistics_mark AS mark
     JOIN LATERAL (SELECT registered_at FROM ledger
                   WHERE (recorded_in, sequence) > (mark.recorded_in, mark.number)
                   ORDER BY recorded_in, sequence LIMIT 1) AS ledger ON true
     WHERE mark.source = 'ledger'`,
  );
  return { oldestAt: rows[0]?.registered_at ?? null };
}
