import type { Invoice } from '@tax-control/protocol';
import type { Queryable } from './queryable.js';

/** One journal of a terminal, as far as its invoices are on file. */
export interface TerminalJournal {
  readonly journalId: string;
  readonly firstCounter: number;
  readonly lastCounter: number;
  readonly invoices: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** The journals of a terminal, the newest first. */
export async function listJournals(client: Queryable, terminalId: string): Promise<TerminalJournal[]> {
  const { rows } = await client.query<{
    journal_id: string;
    first_counter: string;
    last_counter: string;
    invoices: string;
    first_at: Date;
    last_at: Date;
  }>(
    `SELECT journal_id, min(counter) AS first_counter, max(counter) AS last_counter, count(*) AS invoices,
            min(registered_at) AS first_at, max(registered_at) AS last_at
     FROM ledger WHERE terminal_id = $1 GROUP BY journal_id ORDER BY last_at DESC, journal_id`,
    [terminalId],
  );
  return rows.map((row) => ({
    journalId: row.journal_id,
    firstCounter: Number(row.first_counter),
    lastCounter: Number(row.last_counter),
    invoices: Number(row.invoices),
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));
}

/** What the newest invoice of a terminal says of the till itself; null where none is on file or its content is gone. */
export interface TillWords extends Pick<Invoice, 'software' | 'clockOffsetMs' | 'clockOffsetAgeSeconds'> {
  readonly registeredAt: Date;
}

/** The words of the newest invoice of one journal. */
export async function readTillWords(
  client: Queryable,
  terminalId: string,
  journalId: string,
): Promise<TillWords | null> {
  const { rows } = await client.query<{ payload: Buffer; registered_at: Date }>(
    `SELECT payload, registered_at FROM content JOIN (
       SELECT sequence, registered_at FROM ledger
       WHERE journal_id = $1 AND terminal_id = $2 ORDER BY counter DESC LIMIT 1
     ) AS newest USING (sequence, registered_at)`,
    [journalId, terminalId],
  );
  if (rows[0] === undefined) return null;
  const { software, clockOffsetMs, clockOffsetAgeSeconds } = JSON.parse(rows[0].payload.toString('utf8')) as Invoice;
  return { software, clockOffsetMs, clockOffsetAgeSeconds, registeredAt: rows[0].registered_at };
}
