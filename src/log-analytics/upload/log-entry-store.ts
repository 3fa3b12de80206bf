import type { Pool } from 'pg';
import { isFailureCause, type LogEntry } from '@tax-control/protocol';
import { inTransaction } from '../../database/transaction.js';
import { COUNT_FACTS, LOCK_SHARED } from '../attempts/count-facts.js';

/** An entry and whose it is. */
export interface OwnedEntry {
  readonly terminalId: string;
  readonly entry: LogEntry;
}

const UNKNOWN = 'unknown';

/** The cause as statistics count it: empty where nothing failed, `unknown` where there is none or this version does not know it. */
export function countedCause({ outcome, cause }: Pick<LogEntry, 'outcome' | 'cause'>): string {
  if (outcome === 'issued' || outcome === 'already_issued' || outcome === 'repeated') return '';
  return cause !== null && isFailureCause(cause) ? cause : UNKNOWN;
}

const COLUMNS = [
  ['terminal_id', 'text', ({ terminalId }: OwnedEntry) => terminalId],
  ['entry_id', 'uuid', ({ entry }: OwnedEntry) => entry.id],
  ['at', 'timestamptz', ({ entry }: OwnedEntry) => entry.at],
  ['door', 'text', ({ entry }: OwnedEntry) => entry.door],
  ['invoice_id', 'uuid', ({ entry }: OwnedEntry) => entry.invoiceId],
  ['outcome', 'text', ({ entry }: OwnedEntry) => entry.outcome],
  ['cause', 'text', ({ entry }: OwnedEntry) => entry.cause],
  ['counted_cause', 'text', ({ entry }: OwnedEntry) => countedCause(entry)],
  ['detail', 'text', ({ entry }: OwnedEntry) => entry.detail],
  ['address', 'text', ({ entry }: OwnedEntry) => entry.address],
  ['connect_ms', 'bigint', ({ entry }: OwnedEntry) => entry.connectMs],
  ['tls_ms', 'bigint', ({ entry }: OwnedEntry) => entry.tlsMs],
  ['answer_ms', 'bigint', ({ entry }: OwnedEntry) => entry.answerMs],
  ['total_ms', 'bigint', ({ entry }: OwnedEntry) => entry.totalMs],
] as const;

const NAMES = COLUMNS.map(([name]) => name).join(', ');
const ARRAYS = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');

// What the server said of an attempt is taken back where the till's own word of it comes.
const STORE = `
  WITH entry AS (
    INSERT INTO transaction_log_entry (${NAMES})
    SELECT ${NAMES} FROM unnest(${ARRAYS}) AS entry (${NAMES})
    ON CONFLICT (terminal_id, entry_id) DO NOTHING
    RETURNING *
  ), fact AS (
    SELECT terminal_id, at, door, outcome, counted_cause AS cause, 1 AS attempts, connect_ms, tls_ms, answer_ms, total_ms
    FROM entry
    WHERE is_placed
    UNION ALL
    SELECT event.terminal_id, event.at, event.door, event.outcome, event.cause, -1, NULL, NULL, NULL, NULL
    FROM entry
    JOIN server_event event ON event.terminal_id = entry.terminal_id AND event.attempt_id = entry.entry_id
  ), ${COUNT_FACTS}
  SELECT terminal_id AS "terminalId", entry_id AS "entryId" FROM entry`;

/**
 * Stores entries and counts them, all in one transaction; gives those that were new. Idempotent by (terminal, entry id), the
 * table's primary key: an entry that is there already, or twice in the list, is stored and counted once and never changed. In the order
 * of their ids, so that two uploads of the same entries can't deadlock.
 */
export async function storeLogEntries(
  pool: Pool,
  list: readonly OwnedEntry[],
): Promise<readonly { readonly terminalId: string; readonly entryId: string }[]> {
  const entries = list.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_SHARED);
    const values = COLUMNS.map(([, , valueOf]) => entries.map((entry) => valueOf(entry)));
    const { rows } = await client.query<{ terminalId: string; entryId: string }>({
      name: 'store-log-entries',
      text: STORE,
      values,
    });
    return rows;
  });
}

function keyOf({ terminalId, entry }: OwnedEntry): string {
  return `${terminalId} ${entry.id}`;
}
