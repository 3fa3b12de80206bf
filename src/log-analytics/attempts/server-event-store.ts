import type { Pool } from 'pg';
import { inTransaction } from '../../database/transaction.js';
import type { ServerEvent } from '../../observability/server-events.js';
import { COUNT_FACTS, LOCK_ALONE } from './count-facts.js';

const STORE = `
  WITH event AS (
    INSERT INTO server_event (terminal_id, attempt_id, at, door, outcome, cause)
    SELECT terminal_id, attempt_id, to_timestamp(at / 1000.0), door, outcome, cause
    FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[])
      AS event (terminal_id, attempt_id, at, door, outcome, cause)
    ORDER BY terminal_id, attempt_id
    ON CONFLICT (terminal_id, attempt_id) DO NOTHING
    RETURNING *
  ), fact AS (
    SELECT terminal_id, at, door, outcome, cause, 1 AS attempts, NULL::bigint AS connect_ms, NULL::bigint AS tls_ms,
      NULL::bigint AS answer_ms, NULL::bigint AS total_ms
    FROM event
    WHERE NOT EXISTS (
      SELECT FROM transaction_log_entry entry
      WHERE entry.terminal_id = event.terminal_id AND entry.entry_id = event.attempt_id
    )
  ), ${COUNT_FACTS}
  SELECT count(*) FROM event`;

/**
 * Keeps what the server saw, and counts it where the till has not told of it yet. Idempotent by (terminal, attempt id), the
 * primary key: the first word stays.
 */
export async function storeServerEvents(pool: Pool, events: readonly ServerEvent[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(LOCK_ALONE);
    await client.query({
      name: 'store-server-events',
      text: STORE,
      values: [
        events.map(({ terminalId }) => terminalId),
        events.map(({ attemptId }) => attemptId),
        events.map(({ atMs }) => atMs),
        events.map(({ door }) => door),
        events.map(({ outcome }) => outcome),
        events.map(({ cause }) => cause),
      ],
    });
  });
}
