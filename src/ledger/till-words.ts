import { type Invoice, readStoredInvoice } from '@tax-control/protocol';
import type { Queryable } from './queryable.js';

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
  const { software, clockOffsetMs, clockOffsetAgeSeconds } = readStoredInvoice(rows[0].payload);
  return { software, clockOffsetMs, clockOffsetAgeSeconds, registeredAt: rows[0].registered_at };
}
