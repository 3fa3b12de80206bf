import type { JournalRow } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';

/** The journals of a terminal as far as they are on file, the newest first. Refused invoices count: their counters are no gap. */
export async function readJournals(sql: Sql, terminalId: string): Promise<JournalRow[]> {
  const { rows } = await sql.query<{
    journal_id: string;
    first_counter: string;
    last_counter: string;
    invoices: string;
    first_at: Date;
    last_at: Date;
  }>(
    `SELECT journal_id, lower(counters) AS first_counter, upper(counters) - 1 AS last_counter,
            (SELECT sum(upper(range) - lower(range)) FROM unnest(counters) AS range) AS invoices,
            first_registered_at AS first_at, last_registered_at AS last_at
     FROM journal_summary WHERE terminal_id = $1 ORDER BY last_registered_at DESC, journal_id`,
    [terminalId],
  );
  return rows.map((row) => ({
    journalId: row.journal_id,
    firstCounter: Number(row.first_counter),
    lastCounter: Number(row.last_counter),
    invoices: Number(row.invoices),
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
  }));
}
