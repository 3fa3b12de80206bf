import type { PoolClient } from 'pg';
import { LIMITS } from '@tax-control/protocol';
import { PLANS_FOR_FEW, planWithout } from '../plan-without.js';
import { CLOSING_PAUSE_MINUTES } from '../signals/rules.js';

/** Rows read in one transaction: it stays well below a second. */
const ROWS_MAX = 2_000;
const MS_PER_SECOND = 1000;
/** Days between the business day and the day of sale in UTC: one, and one more for the shop's zone. */
const BUSINESS_DAYS_OFF_MAX = 2;

interface Mark {
  readonly recorded_in: string;
  readonly number: string;
}

/**
 * Takes over what was issued since the last time into the tables of journals, months and signs. Needs a transaction, and that nobody
 * else does it meanwhile: each row is counted exactly once, because the mark moves with the sums, and only rows of transactions that
 * have ended are read (pg_snapshot_xmin).
 * @returns whether there is more to do
 */
export async function keepIssued(client: PoolClient): Promise<boolean> {
  const range = await nextRange(client, 'ledger', 'sequence');
  if (range === null) return false;
  const { values, isFull } = range;
  await client.query(KEEP_JOURNALS, values);
  await client.query(KEEP_FORKS, values);
  // A new row has one neighbour before it and one behind it. As long as the planner takes reading a whole ledger and a month's content for
  // cheaper than looking up two thousand neighbours, a chunk takes three times as long.
  await planWithout(client, ['seqscan', 'hashjoin', 'mergejoin'], async () => {
    await client.query(KEEP_BROKEN_CHAINS, values);
    await client.query(KEEP_MONTHS, [...values, LIMITS.clockOffsetMsMax / MS_PER_SECOND]);
  });
  await client.query(KEEP_CLOSINGS, values);
  await client.query(COUNT_TAKEN_BACK, [...values, CLOSING_PAUSE_MINUTES]);
  await client.query(KEEP_SIGNS, values);
  return isFull;
}

/** The same of what was refused: it used up its counter. */
export async function keepRefused(client: PoolClient): Promise<boolean> {
  const range = await nextRange(client, 'refused_invoice', 'refused_id');
  if (range === null) return false;
  await client.query(KEEP_REFUSED_COUNTERS, range.values);
  return range.isFull;
}

/** The next rows of a source, from the mark on, and moves the mark behind them; null: there are none. */
async function nextRange(
  client: PoolClient,
  source: 'ledger' | 'refused_invoice',
  number: 'sequence' | 'refused_id',
): Promise<{ readonly values: unknown[]; readonly isFull: boolean } | null> {
  const { rows: marks } = await client.query<Mark>('SELECT recorded_in, number FROM journal_mark WHERE source = $1', [
    source,
  ]);
  const [from] = marks;
  if (from === undefined) throw new Error(`journal_mark has no row of ${source}`);
  const { rows } = await planWithout(client, PLANS_FOR_FEW, () =>
    client.query<Mark & { readonly read: string }>(
      `SELECT recorded_in, ${number} AS number, count(*) OVER () AS read FROM (
         SELECT recorded_in, ${number} FROM ${source}
         WHERE (recorded_in, ${number}) > ($1::xid8, $2::bigint)
           AND recorded_in < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY recorded_in, ${number} LIMIT $3
       ) AS next ORDER BY recorded_in DESC, ${number} DESC LIMIT 1`,
      [from.recorded_in, from.number, ROWS_MAX],
    ),
  );
  const [to] = rows;
  if (to === undefined) return null;
  await client.query('UPDATE journal_mark SET recorded_in = $2, number = $3 WHERE source = $1', [
    source,
    to.recorded_in,
    to.number,
  ]);
  return { values: [from.recorded_in, from.number, to.recorded_in, to.number], isFull: Number(to.read) === ROWS_MAX };
}

/** The day whose month an invoice belongs to: a till does not choose it by a time or a business day that cannot be believed. */
const COUNTED_DAY = (row: string): string => `CASE
  WHEN ${row}.counted_at IS NOT NULL THEN (${row}.counted_at AT TIME ZONE 'UTC')::date
  WHEN abs(${row}.business_day - (${row}.issued_at AT TIME ZONE 'UTC')::date) > ${BUSINESS_DAYS_OFF_MAX} THEN (${row}.issued_at AT TIME ZONE 'UTC')::date
  ELSE ${row}.business_day END`;

const NEW = `new AS MATERIALIZED (
  SELECT * FROM ledger
  WHERE (recorded_in, sequence) > ($1::xid8, $2::bigint) AND (recorded_in, sequence) <= ($3::xid8, $4::bigint)
)`;

const KEEP_JOURNALS = `
  WITH ${NEW}
  INSERT INTO journal_summary AS kept
    (terminal_id, journal_id, counters, first_sold_at, last_sold_at, first_registered_at, last_registered_at)
  SELECT terminal_id, journal_id, range_agg(int8range(counter, counter, '[]')), min(issued_at), max(issued_at),
         min(registered_at), max(registered_at)
  FROM new GROUP BY terminal_id, journal_id ORDER BY terminal_id, journal_id
  ON CONFLICT (terminal_id, journal_id) DO UPDATE
    SET counters = kept.counters + EXCLUDED.counters,
        first_sold_at = LEAST(kept.first_sold_at, EXCLUDED.first_sold_at),
        last_sold_at = GREATEST(kept.last_sold_at, EXCLUDED.last_sold_at),
        first_registered_at = LEAST(kept.first_registered_at, EXCLUDED.first_registered_at),
        last_registered_at = GREATEST(kept.last_registered_at, EXCLUDED.last_registered_at)`;

const KEEP_FORKS = `
  WITH ${NEW}
  INSERT INTO journal_fault (kind, terminal_id, journal_id, counter, invoice_id, sold_at)
  SELECT 'fork', terminal_id, journal_id, counter, invoice_id, issued_at FROM new
  WHERE EXISTS (
      SELECT FROM ledger AS twin
      WHERE twin.journal_id = new.journal_id AND twin.terminal_id = new.terminal_id AND twin.counter = new.counter
        AND twin.sequence <> new.sequence
    ) OR EXISTS (
      SELECT FROM refused_invoice AS twin
      WHERE twin.journal_id = new.journal_id AND twin.terminal_id = new.terminal_id AND twin.counter = new.counter
        AND twin.invoice_id <> new.invoice_id
    )
  ORDER BY terminal_id, journal_id, counter, invoice_id
  ON CONFLICT DO NOTHING`;

// Judged where both ends are on file; a chain through an invoice that was refused is judged by the audit, which reads its bytes.
const KEEP_BROKEN_CHAINS = `
  WITH ${NEW}, judged AS (
    SELECT sequence, registered_at, terminal_id, journal_id, counter, invoice_id, issued_at FROM new
    UNION
    SELECT next.sequence, next.registered_at, next.terminal_id, next.journal_id, next.counter, next.invoice_id, next.issued_at
    FROM new JOIN ledger AS next
      ON next.journal_id = new.journal_id AND next.terminal_id = new.terminal_id AND next.counter = new.counter + 1
  )
  INSERT INTO journal_fault (kind, terminal_id, journal_id, counter, invoice_id, sold_at)
  SELECT 'broken_chain', terminal_id, journal_id, counter, invoice_id, issued_at
  FROM judged
  JOIN content ON content.sequence = judged.sequence AND content.registered_at = judged.registered_at
  CROSS JOIN LATERAL (
    SELECT count(*) AS known, COALESCE(bool_or(before.digest = content.previous_digest), false) AS is_named
    FROM ledger AS before
    WHERE before.journal_id = judged.journal_id AND before.terminal_id = judged.terminal_id
      AND before.counter = judged.counter - 1
  ) AS predecessor
  WHERE (counter = 1 AND content.previous_digest IS NOT NULL)
     OR (counter > 1 AND known > 0 AND NOT is_named AND NOT EXISTS (
           SELECT FROM refused_invoice AS before
           WHERE before.journal_id = judged.journal_id AND before.terminal_id = judged.terminal_id
             AND before.counter = judged.counter - 1
         ))
  ORDER BY terminal_id, journal_id, counter, invoice_id
  ON CONFLICT DO NOTHING`;

// A pair of neighbours counts when the later read of the two is read. Training takes nothing back, so it is no refund.
const KEEP_MONTHS = `
  WITH ${NEW}, pair AS (
    SELECT after.sequence, after.terminal_id, ${COUNTED_DAY('after')} AS counted_day,
           max(extract(epoch FROM before.issued_at - after.issued_at))::bigint AS seconds
    FROM (
      SELECT new.sequence AS after_sequence, before.sequence AS before_sequence
      FROM new JOIN ledger AS before
        ON before.journal_id = new.journal_id AND before.terminal_id = new.terminal_id AND before.counter = new.counter - 1
      WHERE (before.recorded_in, before.sequence) <= ($3::xid8, $4::bigint)
      UNION
      SELECT after.sequence, new.sequence
      FROM new JOIN ledger AS after
        ON after.journal_id = new.journal_id AND after.terminal_id = new.terminal_id AND after.counter = new.counter + 1
      WHERE (after.recorded_in, after.sequence) <= ($1::xid8, $2::bigint)
    ) AS neighbours
    JOIN ledger AS after ON after.sequence = after_sequence
    JOIN ledger AS before ON before.sequence = before_sequence
    WHERE before.issued_at > after.issued_at + make_interval(secs => $5::integer)
    GROUP BY after.sequence, after.terminal_id, counted_day
  ), counted AS (
    SELECT date_trunc('month', ${COUNTED_DAY('new')})::date AS month, terminal_id,
           type IN ('normal', 'advance') AND kind = 'sale' AS is_sale,
           type IN ('normal', 'advance') AND kind = 'refund' AS is_refund,
           type IN ('normal', 'advance') AND kind = 'void' AS is_void,
           type = 'training' AS is_training,
           type IN ('normal', 'advance') AND kind <> 'sale' AND (reference_invoice_id IS NULL AND NOT EXISTS (
             SELECT FROM ledger_original WHERE ledger_original.sequence = new.sequence
           ) OR EXISTS (
             SELECT FROM invoice_warning
             WHERE invoice_warning.sequence = new.sequence AND invoice_warning.warning = 'original_unknown'
           )) AS is_without_original,
           false AS is_backwards, 0::bigint AS seconds
    FROM new
    UNION ALL
    SELECT date_trunc('month', counted_day)::date, terminal_id, false, false, false, false, false, true, seconds FROM pair
  )
  INSERT INTO terminal_month AS kept
    (month, terminal_id, sales, refunds, voids, trainings, without_original, backwards, backwards_seconds_max)
  SELECT month, terminal_id, count(*) FILTER (WHERE is_sale), count(*) FILTER (WHERE is_refund), count(*) FILTER (WHERE is_void),
         count(*) FILTER (WHERE is_training), count(*) FILTER (WHERE is_without_original),
         count(*) FILTER (WHERE is_backwards), max(seconds)
  FROM counted GROUP BY month, terminal_id ORDER BY month, terminal_id
  ON CONFLICT (month, terminal_id) DO UPDATE
    SET sales = kept.sales + EXCLUDED.sales, refunds = kept.refunds + EXCLUDED.refunds, voids = kept.voids + EXCLUDED.voids,
        trainings = kept.trainings + EXCLUDED.trainings,
        without_original = kept.without_original + EXCLUDED.without_original,
        backwards = kept.backwards + EXCLUDED.backwards,
        backwards_seconds_max = GREATEST(kept.backwards_seconds_max, EXCLUDED.backwards_seconds_max)`;

const KEEP_CLOSINGS = `
  WITH ${NEW}
  INSERT INTO terminal_closing AS kept (business_day, terminal_id, last_sale_at, taken_back_after)
  SELECT business_day, terminal_id, max(issued_at), 0
  FROM new WHERE kind = 'sale' AND type IN ('normal', 'advance')
  GROUP BY business_day, terminal_id ORDER BY business_day, terminal_id
  ON CONFLICT (business_day, terminal_id) DO UPDATE SET last_sale_at = EXCLUDED.last_sale_at
    WHERE EXCLUDED.last_sale_at > kept.last_sale_at`;

const COUNT_TAKEN_BACK = `
  WITH ${NEW}, day AS (SELECT DISTINCT business_day, terminal_id FROM new)
  UPDATE terminal_closing AS kept SET taken_back_after = counted.invoices
  FROM day CROSS JOIN LATERAL (
    SELECT count(*) AS invoices
    FROM ledger JOIN terminal_closing AS closing
      ON closing.business_day = day.business_day AND closing.terminal_id = day.terminal_id
    WHERE ledger.terminal_id = day.terminal_id AND ledger.business_day = day.business_day AND ledger.kind <> 'sale'
      AND ledger.type IN ('normal', 'advance')
      AND ledger.issued_at > closing.last_sale_at + make_interval(mins => $5::integer)
  ) AS counted
  WHERE kept.business_day = day.business_day AND kept.terminal_id = day.terminal_id
    AND kept.taken_back_after <> counted.invoices`;

const KEEP_SIGNS = `
  WITH ${NEW}, off AS (
    SELECT DISTINCT ON (terminal_id) terminal_id, new.sequence, registered_at
    FROM new CROSS JOIN LATERAL (
      SELECT bool_or(warning IN ('clock_off', 'clock_behind')) AS is_clock, bool_or(warning = 'entered_later') AS is_explained
      FROM invoice_warning WHERE invoice_warning.sequence = new.sequence
    ) AS warned
    WHERE is_clock OR (counted_at IS NOT NULL AND is_explained IS NOT TRUE)
    ORDER BY terminal_id, new.sequence DESC
  )
  INSERT INTO terminal_sign AS kept (terminal_id, last_sign_at, clock_off_sequence, clock_off_at, last_registered_at)
  SELECT arrived.terminal_id, arrived.at, off.sequence, off.registered_at, arrived.at
  FROM (SELECT terminal_id, max(registered_at) AS at FROM new GROUP BY terminal_id) AS arrived
  LEFT JOIN off USING (terminal_id)
  ORDER BY arrived.terminal_id
  ON CONFLICT (terminal_id) DO UPDATE
    SET last_sign_at = GREATEST(kept.last_sign_at, EXCLUDED.last_sign_at),
        clock_off_sequence = GREATEST(kept.clock_off_sequence, EXCLUDED.clock_off_sequence),
        clock_off_at = GREATEST(kept.clock_off_at, EXCLUDED.clock_off_at),
        last_registered_at = GREATEST(kept.last_registered_at, EXCLUDED.last_registered_at)`;

const KEEP_REFUSED_COUNTERS = `
  WITH new AS MATERIALIZED (
    SELECT * FROM refused_invoice
    WHERE (recorded_in, refused_id) > ($1::xid8, $2::bigint) AND (recorded_in, refused_id) <= ($3::xid8, $4::bigint)
  ), forked AS (
    INSERT INTO journal_fault (kind, terminal_id, journal_id, counter, invoice_id, sold_at)
    SELECT 'fork', terminal_id, journal_id, counter, invoice_id, refused_at FROM new
    WHERE EXISTS (
      SELECT FROM ledger AS twin
      WHERE twin.journal_id = new.journal_id AND twin.terminal_id = new.terminal_id AND twin.counter = new.counter
        AND twin.invoice_id <> new.invoice_id
    )
    ON CONFLICT DO NOTHING
  ), signed AS (
    INSERT INTO terminal_sign AS kept (terminal_id, last_sign_at)
    SELECT terminal_id, max(refused_at) FROM new GROUP BY terminal_id ORDER BY terminal_id
    ON CONFLICT (terminal_id) DO UPDATE SET last_sign_at = GREATEST(kept.last_sign_at, EXCLUDED.last_sign_at)
  )
  INSERT INTO journal_summary AS kept
    (terminal_id, journal_id, counters, first_sold_at, last_sold_at, first_registered_at, last_registered_at)
  SELECT terminal_id, journal_id, range_agg(int8range(counter, counter, '[]')), min(refused_at), max(refused_at),
         min(refused_at), max(refused_at)
  FROM new WHERE journal_id IS NOT NULL AND counter > 0
  GROUP BY terminal_id, journal_id ORDER BY terminal_id, journal_id
  ON CONFLICT (terminal_id, journal_id) DO UPDATE
    SET counters = kept.counters + EXCLUDED.counters,
        last_registered_at = GREATEST(kept.last_registered_at, EXCLUDED.last_registered_at)`;
