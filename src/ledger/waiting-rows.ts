import type { Queryable } from './queryable.js';

/**
 * One invoice of a journal, as far as offline limits ask. `sale`: what it adds to the sum of waiting sales, smallest unit (0 for refunds,
 * voids and what counts in no turnover). `registeredAt`: milliseconds since 1970.
 */
export interface JournalRow {
  readonly counter: number;
  readonly sale: number;
  readonly registeredAt: number;
}

/** Part of a journal: counters from `fromCounter` to below `beforeCounter`, registered after `registeredAfter` (milliseconds). */
export interface JournalStretch {
  readonly terminalId: string;
  readonly journalId: string;
  readonly fromCounter: number;
  readonly beforeCounter: number;
  readonly registeredAfter: number;
}

/** The invoices of a stretch of a journal, by counter. One range of the index `ledger_journal`. */
export async function findJournalRows(client: Queryable, stretch: JournalStretch): Promise<JournalRow[]> {
  const { rows } = await client.query<{ counter: string; sale: string; registered_at: Date }>(
    `SELECT counter, registered_at,
            CASE WHEN kind = 'sale' AND type IN ('normal', 'advance') THEN GREATEST(total, 0) ELSE 0 END AS sale
     FROM ledger
     WHERE journal_id = $1 AND terminal_id = $2 AND counter >= $3 AND counter < $4 AND registered_at > $5
     ORDER BY counter`,
    [
      stretch.journalId,
      stretch.terminalId,
      stretch.fromCounter,
      stretch.beforeCounter,
      new Date(stretch.registeredAfter).toISOString(),
    ],
  );
  return rows.map((row) => ({
    counter: Number(row.counter),
    sale: Number(row.sale),
    registeredAt: row.registered_at.getTime(),
  }));
}
