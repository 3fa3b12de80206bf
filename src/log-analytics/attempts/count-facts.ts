/**
 * The end of a statement that stores attempts: adds to what is kept of every scope and grain they count in, in the same transaction.
 *
 * It goes behind a common table `fact` (terminal_id, at, door, outcome, cause, attempts, connect_ms, tls_ms, answer_ms, total_ms), where
 * `attempts` is 1, or −1 to take back what was counted; durations are never taken back. Not idempotent: each fact must come once.
 * Rows are updated in the order of their key, so that two transactions can't deadlock.
 */
export const COUNT_FACTS = `
  unit AS (
    SELECT unit.*, door, outcome, cause, attempts, connect_ms, tls_ms, answer_ms, total_ms
    FROM fact
    JOIN terminal USING (terminal_id)
    JOIN premises USING (premises_id)
    CROSS JOIN LATERAL (SELECT
      date_bin('15 minutes', at, 'epoch') AS quarter, date_bin('1 hour', at, 'epoch') AS hour, date_bin('1 day', at, 'epoch') AS day,
      date_bin('7 days', at, 'epoch') AS week
    ) AS stretch
    CROSS JOIN LATERAL (VALUES
      ('all', 'quarter', '', quarter, false), ('all', 'hour', '', hour, true), ('all', 'day', '', day, true), ('all', 'week', '', week, true),
      ('region', 'quarter', region, quarter, false), ('region', 'hour', region, hour, true), ('region', 'day', region, day, true), ('region', 'week', region, week, true),
      ('taxpayer', 'hour', terminal.taxpayer_id, hour, false), ('taxpayer', 'day', terminal.taxpayer_id, day, true),
      ('premises', 'hour', premises_id, hour, false), ('premises', 'day', premises_id, day, true),
      ('terminal', 'day', terminal_id, day, true), ('terminal', 'week', terminal_id, week, false)
    ) AS unit (level, grain, scope_id, start, with_durations)
  ), counted AS (
    INSERT INTO attempt_count AS stored
    SELECT level, grain, scope_id, start, door, outcome, cause, sum(attempts),
      duration_counts(connect_ms) FILTER (WHERE with_durations), duration_counts(tls_ms) FILTER (WHERE with_durations),
      duration_counts(answer_ms) FILTER (WHERE with_durations), duration_counts(total_ms) FILTER (WHERE with_durations),
      max(connect_ms) FILTER (WHERE with_durations), max(tls_ms) FILTER (WHERE with_durations),
      max(answer_ms) FILTER (WHERE with_durations), max(total_ms) FILTER (WHERE with_durations)
    FROM unit
    GROUP BY level, grain, scope_id, start, door, outcome, cause
    ORDER BY level, grain, scope_id, start, door, outcome, cause
    ON CONFLICT (level, grain, scope_id, start, door, outcome, cause) DO UPDATE SET
      attempts = stored.attempts + excluded.attempts,
      connect_counts = add_counts(stored.connect_counts, excluded.connect_counts),
      tls_counts = add_counts(stored.tls_counts, excluded.tls_counts),
      answer_counts = add_counts(stored.answer_counts, excluded.answer_counts),
      total_counts = add_counts(stored.total_counts, excluded.total_counts),
      connect_ms_max = greatest(stored.connect_ms_max, excluded.connect_ms_max),
      tls_ms_max = greatest(stored.tls_ms_max, excluded.tls_ms_max),
      answer_ms_max = greatest(stored.answer_ms_max, excluded.answer_ms_max),
      total_ms_max = greatest(stored.total_ms_max, excluded.total_ms_max)
  )`;

/**
 * Uploads go together; server events, which must see every entry that is on file, go alone, and so does whatever counts anew
 * (migrations). To be taken in a statement of its own: the next one sees what was committed before.
 */
export const LOCK_SHARED = `SELECT pg_advisory_xact_lock_shared(hashtext('attempt_count'))`;
export const LOCK_ALONE = `SELECT pg_advisory_xact_lock(hashtext('attempt_count'))`;
