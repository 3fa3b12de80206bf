import type { PoolClient } from 'pg';

/** Notes of stored attempts that are read in one transaction: it stays below a second. */
const NOTES_MAX = 500;
/** Of one note at once; a bulk load may note a year. The rest is noted again. */
const SPAN_MS_MAX = 7 * 24 * 60 * 60 * 1000;
/** Days of tills read in one transaction, some hundred attempts each. */
const DAYS_MAX = 500;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Note {
  readonly terminal_id: string;
  readonly from_at: Date | null;
  readonly to_at: Date | null;
}

/** Attempts of one terminal that are to be read. */
interface Span {
  readonly terminalId: string;
  readonly from: Date;
  readonly to: Date;
}

/**
 * Takes over attempts that were stored since the last time into `failure_interval`, `terminal_activity` and `terminal_sign`.
 * Needs a transaction, and that nobody else does it meanwhile. Entries may come in any order and years late: intervals are made
 * anew between the answered attempts around them, so that reading attempts twice changes nothing.
 * @returns whether there is more to do
 */
export async function keepAttempts(client: PoolClient): Promise<boolean> {
  const { rows: notes } = await client.query<Note>(TAKE_NOTES, [NOTES_MAX]);
  if (notes.length === 0) return false;
  const { now, later } = divide(notes);
  if (later.length > 0) await client.query(NOTE_AGAIN, columns(later));
  if (now.length > 0) {
    const values = columns(now);
    await client.query(FORGET_INTERVALS, values);
    await client.query(INSERT_INTERVALS, values);
    await client.query(KEEP_ACTIVITY, values);
  }
  return notes.length === NOTES_MAX || later.length > 0;
}

/** One span for each terminal, none longer than is read at once, and not more of them. */
function divide(notes: readonly Note[]): { readonly now: readonly Span[]; readonly later: readonly Span[] } {
  const spans = new Map<string, Span>();
  for (const { terminal_id: terminalId, from_at, to_at } of notes) {
    if (from_at === null || to_at === null) continue;
    const known = spans.get(terminalId);
    const from = known === undefined || from_at < known.from ? from_at : known.from;
    const to = known === undefined || to_at > known.to ? to_at : known.to;
    spans.set(terminalId, { terminalId, from, to });
  }
  const now: Span[] = [];
  const later: Span[] = [];
  let days = 0;
  for (const span of spans.values()) {
    if (days >= DAYS_MAX) {
      later.push(span);
      continue;
    }
    const cut = new Date(Math.min(span.to.getTime(), span.from.getTime() + SPAN_MS_MAX));
    now.push({ ...span, to: cut });
    if (cut < span.to) later.push({ ...span, from: cut });
    days += 1 + (cut.getTime() - span.from.getTime()) / DAY_MS;
  }
  return { now, later };
}

function columns(spans: readonly Span[]): unknown[] {
  const sorted = spans.toSorted((one, other) => (one.terminalId < other.terminalId ? -1 : 1));
  return [sorted.map(({ terminalId }) => terminalId), sorted.map(({ from }) => from), sorted.map(({ to }) => to)];
}

const TAKE_NOTES = `
  WITH taken AS (
    DELETE FROM unread_attempts
    WHERE unread_id IN (SELECT unread_id FROM unread_attempts ORDER BY unread_id LIMIT $1)
    RETURNING terminal_id, arrived_at, from_at, to_at
  ), signed AS (
    INSERT INTO terminal_sign AS kept (terminal_id, last_sign_at)
    SELECT terminal_id, max(arrived_at) FROM taken GROUP BY terminal_id ORDER BY terminal_id
    ON CONFLICT (terminal_id) DO UPDATE SET last_sign_at = GREATEST(kept.last_sign_at, EXCLUDED.last_sign_at)
  )
  SELECT terminal_id, from_at, to_at FROM taken`;

// A sign of the till was noted before; this is about the attempts alone.
const NOTE_AGAIN = `
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
  SELECT terminal_id, '-infinity', from_at, to_at
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS span(terminal_id, from_at, to_at)`;

const ANSWERED = `('issued', 'already_issued', 'refused')`;

/**
 * The spans, widened to the answered attempts next to them: whatever fails in between is one interval. An attempt whose
 * time is no real one, an invoice that was put off while the line worked, and a sale that was
 * asked again, tell nothing of the line.
 */
const WIDENED = `
  span AS (SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS span(terminal_id, from_at, to_at)),
  widened AS (
    SELECT terminal_id,
           COALESCE((SELECT max(at) FROM transaction_log_entry AS entry
                     WHERE entry.terminal_id = span.terminal_id AND entry.at < span.from_at AND entry.is_placed
                       AND entry.outcome IN ${ANSWERED}), '-infinity') AS after_at,
           COALESCE((SELECT min(at) FROM transaction_log_entry AS entry
                     WHERE entry.terminal_id = span.terminal_id AND entry.at > span.to_at AND entry.is_placed
                       AND entry.outcome IN ${ANSWERED}), 'infinity') AS until_at
    FROM span
  )`;

const FORGET_INTERVALS = `
  WITH ${WIDENED}
  DELETE FROM failure_interval AS kept USING widened
  WHERE kept.terminal_id = widened.terminal_id AND kept.started_at >= widened.after_at AND kept.started_at < widened.until_at`;

// Of two attempts at the same millisecond the answered one counts as the first. That a line was known to be down is no cause of its
// own where another is known. An invoice with a code from the sale did not wait: its answer was lost. While a till holds the line to be
// down it looks for it every minute, so that an attempt that it did not make tells of all the time before; one that it made does not.
const INSERT_INTERVALS = `
  WITH ${WIDENED},
  attempt AS (
    SELECT entry.terminal_id, entry.at, entry.outcome IN ${ANSWERED} AS is_answered, entry.outcome = 'not_tried' AS is_untried,
           entry.cause,
           CASE WHEN NOT EXISTS (
             SELECT FROM ledger
             WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id AND ledger.door = 'issue'
           ) THEN entry.invoice_id END AS invoice_id
    FROM widened JOIN transaction_log_entry AS entry
      ON entry.terminal_id = widened.terminal_id AND entry.at >= widened.after_at AND entry.at <= widened.until_at
    WHERE entry.is_placed AND entry.outcome NOT IN ('deferred', 'repeated')
      AND (entry.at < widened.until_at OR entry.outcome IN ${ANSWERED})
    UNION ALL
    SELECT event.terminal_id, event.at, event.outcome = 'refused', false, event.cause, NULL
    FROM widened JOIN server_event AS event
      ON event.terminal_id = widened.terminal_id AND event.at >= widened.after_at AND event.at < widened.until_at
    WHERE event.outcome <> 'deferred' AND NOT EXISTS (
      SELECT FROM transaction_log_entry AS entry
      WHERE entry.terminal_id = event.terminal_id AND entry.entry_id = event.attempt_id
    )
  ),
  numbered AS (
    SELECT *, count(*) FILTER (WHERE is_answered)
                OVER (PARTITION BY terminal_id ORDER BY at, NOT is_answered ROWS UNBOUNDED PRECEDING) AS run
    FROM attempt
  ),
  timed AS (
    SELECT *, CASE WHEN NOT is_answered AND NOT is_untried AND NOT lag(is_answered) OVER in_run
                THEN at - lag(at) OVER in_run END AS quiet
    FROM numbered
    WINDOW in_run AS (PARTITION BY terminal_id, run ORDER BY at, NOT is_answered)
  ),
  runs AS (
    SELECT terminal_id, run,
           min(at) FILTER (WHERE is_answered) AS success_before,
           min(at) FILTER (WHERE NOT is_answered) AS started_at,
           max(at) FILTER (WHERE NOT is_answered) AS last_failure_at,
           count(*) FILTER (WHERE NOT is_answered) AS failures,
           count(DISTINCT invoice_id) FILTER (WHERE NOT is_answered) AS invoices,
           COALESCE(max(extract(epoch FROM quiet)) * 1000, 0)::bigint AS quiet_ms,
           COALESCE(mode() WITHIN GROUP (ORDER BY cause) FILTER (WHERE NOT is_answered AND cause <> 'circuit_open'),
                    mode() WITHIN GROUP (ORDER BY cause) FILTER (WHERE NOT is_answered)) AS cause
    FROM timed GROUP BY terminal_id, run
  )
  INSERT INTO failure_interval (terminal_id, started_at, success_before, last_failure_at, ended_at, failures, invoices, quiet_ms, cause)
  SELECT terminal_id, started_at, success_before, last_failure_at, ended_at, failures, invoices, quiet_ms, COALESCE(cause, 'unknown')
  FROM (SELECT *, lead(success_before) OVER (PARTITION BY terminal_id ORDER BY run) AS ended_at FROM runs) AS ended
  WHERE failures > 0
  ORDER BY terminal_id, started_at`;

/** Bits are counted from the left: the first is the quarter-hour from midnight, UTC. */
const KEEP_ACTIVITY = `
  WITH span AS (SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS span(terminal_id, from_at, to_at)),
  tried AS (
    SELECT DISTINCT span.terminal_id, date_bin('15 minutes', attempt.at, 'epoch') AT TIME ZONE 'UTC' AS quarter
    FROM span JOIN counted_attempt AS attempt
      ON attempt.terminal_id = span.terminal_id AND attempt.at >= span.from_at AND attempt.at <= span.to_at
  )
  INSERT INTO terminal_activity AS kept (day, terminal_id, quarters)
  SELECT quarter::date, terminal_id,
         bit_or(set_bit(repeat('0', 96)::bit(96), (extract(epoch FROM quarter - date_trunc('day', quarter)) / 900)::integer, 1))
  FROM tried GROUP BY quarter::date, terminal_id ORDER BY quarter::date, terminal_id
  ON CONFLICT (day, terminal_id) DO UPDATE SET quarters = kept.quarters | EXCLUDED.quarters`;
