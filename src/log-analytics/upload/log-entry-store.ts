import type { Pool } from 'pg';
import type { LogEntry } from '@tax-control/protocol';

/**
 * Stores log entries of one terminal; tells how many were new. Idempotent by (terminal, entry id), the table's primary key:
 * an entry that is there already, or twice in the list, is stored once and never changed. In the order of their ids, so that two
 * uploads of the same entries can't deadlock.
 */
export async function storeLogEntries(pool: Pool, terminalId: string, list: readonly LogEntry[]): Promise<number> {
  const entries = list.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const { rowCount } = await pool.query(
    `INSERT INTO transaction_log_entry
       (terminal_id, entry_id, at, door, invoice_id, outcome, cause, detail, address, connect_ms, tls_ms, answer_ms, total_ms)
     SELECT $1, entry.*
     FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
                 $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[]) AS entry
     ON CONFLICT (terminal_id, entry_id) DO NOTHING`,
    [
      terminalId,
      entries.map(({ id }) => id),
      entries.map(({ at }) => at),
      entries.map(({ door }) => door),
      entries.map(({ invoiceId }) => invoiceId),
      entries.map(({ outcome }) => outcome),
      entries.map(({ cause }) => cause),
      entries.map(({ detail }) => detail),
      entries.map(({ address }) => address),
      entries.map(({ connectMs }) => connectMs),
      entries.map(({ tlsMs }) => tlsMs),
      entries.map(({ answerMs }) => answerMs),
      entries.map(({ totalMs }) => totalMs),
    ],
  );
  return rowCount ?? 0;
}
