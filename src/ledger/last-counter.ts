import type { Reads } from '../database/reads.js';

/** Highest counter on file for a journal of this terminal, refused invoices included; null when none is. */
export async function findLastCounter(database: Reads, terminalId: string, journalId: string): Promise<number | null> {
  const { rows } = await database.query<{ counter: string | null }>(
    `SELECT GREATEST(
       (SELECT counter FROM ledger WHERE journal_id = $1 AND terminal_id = $2 ORDER BY counter DESC LIMIT 1),
       (SELECT counter FROM refused_invoice WHERE journal_id = $1 AND terminal_id = $2 ORDER BY counter DESC LIMIT 1)
     ) AS counter`,
    [journalId, terminalId],
  );
  const counter = rows[0]?.counter ?? null;
  return counter === null ? null : Number(counter);
}
