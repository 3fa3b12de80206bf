import type { BrokenChain, Fork, Gap, UnknownTail } from '@tax-control/protocol/console';
import { PLACE_COLUMNS, placeOf, type PlaceRow, TERMINALS_IN_VIEW } from './terminals-in-view.js';
import type { Finding } from './finding.js';

interface GapRow extends PlaceRow {
  readonly journal_id: string;
  readonly from_counter: string;
  readonly to_counter: string;
  readonly since: Date | null;
}

/** Counters of a journal below its highest that are neither issued nor refused, and of which no customer's receipt is known either. */
export const GAPS: Finding<GapRow, Gap> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}, alone AS (
      SELECT terminal_id, journal_id, range_agg(int8range(counter, counter + 1)) AS known
      FROM receipt_alone WHERE journal_id IS NOT NULL GROUP BY terminal_id, journal_id
    ), journal AS (
      SELECT terminal_id, journal_id, counters + COALESCE(known, '{}') AS counters
      FROM journal_summary LEFT JOIN alone USING (terminal_id, journal_id) WHERE has_gap
      UNION ALL
      SELECT terminal_id, journal_id, known + COALESCE(counters, '{}')
      FROM alone LEFT JOIN journal_summary USING (terminal_id, journal_id) WHERE has_gap IS NOT TRUE
    )
    SELECT ${PLACE_COLUMNS}, journal_id, lower(gap) AS from_counter, upper(gap) - 1 AS to_counter, since
    FROM journal JOIN seen USING (terminal_id)
    CROSS JOIN LATERAL unnest(int8multirange(int8range(1, upper(counters))) - counters) AS gap
    CROSS JOIN LATERAL (
      SELECT COALESCE(
        (SELECT min(registered_at) FROM ledger
         WHERE ledger.journal_id = journal.journal_id AND ledger.terminal_id = journal.terminal_id AND ledger.counter = upper(gap)),
        (SELECT min(taken_at) FROM receipt_alone AS next
         WHERE next.journal_id = journal.journal_id AND next.terminal_id = journal.terminal_id AND next.counter = upper(gap))
      ) AS since
    ) AS next
    ORDER BY since DESC NULLS LAST, seen.terminal_id, journal_id, from_counter`,
  toItem: (row, { now, limitHours }) => ({
    kind: 'gap',
    ...placeOf(row),
    journalId: row.journal_id,
    from: Number(row.from_counter),
    to: Number(row.to_counter),
    count: Number(row.to_counter) - Number(row.from_counter) + 1,
    since: row.since?.toISOString() ?? null,
    mayStillWait: row.since !== null && now - row.since.getTime() <= limitHours * HOUR_MS,
  }),
};

const HOUR_MS = 3_600_000;

interface ForkRow extends PlaceRow {
  readonly journal_id: string;
  readonly counter: string;
  readonly invoices: number;
  readonly since: Date;
}

/** Counters that several invoices have, those of customers' receipts among them. */
export const FORKS: Finding<ForkRow, Fork> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}, forked AS (
      SELECT terminal_id, journal_id, counter, min(found_at) AS since
      FROM (
        SELECT terminal_id, journal_id, counter, found_at FROM journal_fault WHERE kind = 'fork'
        UNION ALL
        SELECT alone.terminal_id, alone.journal_id, alone.counter, GREATEST(alone.taken_at, ledger.registered_at)
        FROM receipt_alone AS alone JOIN ledger USING (journal_id, terminal_id, counter)
        UNION ALL
        SELECT alone.terminal_id, alone.journal_id, alone.counter, GREATEST(alone.taken_at, refused.refused_at)
        FROM receipt_alone AS alone JOIN refused_invoice AS refused USING (journal_id, terminal_id, counter)
        WHERE refused.invoice_id <> alone.invoice_id
        UNION ALL
        SELECT terminal_id, journal_id, counter, max(taken_at)
        FROM receipt_alone WHERE journal_id IS NOT NULL GROUP BY terminal_id, journal_id, counter HAVING count(DISTINCT invoice_id) > 1
      ) AS fault
      GROUP BY terminal_id, journal_id, counter
    )
    SELECT ${PLACE_COLUMNS}, journal_id, counter, since, used.invoices
    FROM forked JOIN seen USING (terminal_id)
    CROSS JOIN LATERAL (
      SELECT count(*)::integer AS invoices FROM (
        SELECT invoice_id FROM ledger
        WHERE ledger.journal_id = forked.journal_id AND ledger.terminal_id = forked.terminal_id
          AND ledger.counter = forked.counter
        UNION
        SELECT invoice_id FROM refused_invoice AS refused
        WHERE refused.journal_id = forked.journal_id AND refused.terminal_id = forked.terminal_id
          AND refused.counter = forked.counter AND invoice_id IS NOT NULL
        UNION
        SELECT invoice_id FROM receipt_alone AS alone
        WHERE alone.journal_id = forked.journal_id AND alone.terminal_id = forked.terminal_id AND alone.counter = forked.counter
      ) AS twin
    ) AS used
    ORDER BY since DESC, seen.terminal_id, journal_id, counter`,
  toItem: (row) => ({
    kind: 'fork',
    ...placeOf(row),
    journalId: row.journal_id,
    counter: Number(row.counter),
    invoices: row.invoices,
    since: row.since.toISOString(),
  }),
};

interface TailRow extends PlaceRow {
  readonly journal_id: string;
  readonly last_counter: string;
  readonly next_journal_id: string;
  readonly since: Date;
}

export const UNKNOWN_TAILS: Finding<TailRow, UnknownTail> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}, followed AS (
      SELECT terminal_id, journal_id, upper(counters) - 1 AS last_counter,
             lead(journal_id) OVER later AS next_journal_id, lead(first_registered_at) OVER later AS since
      FROM journal_summary
      WINDOW later AS (PARTITION BY terminal_id ORDER BY first_registered_at, journal_id)
    )
    SELECT ${PLACE_COLUMNS}, journal_id, last_counter, next_journal_id, since
    FROM followed JOIN seen USING (terminal_id)
    WHERE next_journal_id IS NOT NULL
    ORDER BY since DESC, seen.terminal_id, journal_id`,
  toItem: (row) => ({
    kind: 'unknown_tail',
    ...placeOf(row),
    journalId: row.journal_id,
    lastCounter: Number(row.last_counter),
    nextJournalId: row.next_journal_id,
    since: row.since.toISOString(),
  }),
};

interface ChainRow extends PlaceRow {
  readonly journal_id: string;
  readonly counter: string;
  readonly invoice_id: string;
  readonly sold_at: Date;
}

export const BROKEN_CHAINS: Finding<ChainRow, BrokenChain> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}
    SELECT ${PLACE_COLUMNS}, journal_id, counter, invoice_id, sold_at
    FROM journal_fault JOIN seen USING (terminal_id)
    WHERE kind = 'broken_chain'
    ORDER BY sold_at DESC, seen.terminal_id, journal_id, counter, invoice_id`,
  toItem: (row) => ({
    kind: 'broken_chain',
    ...placeOf(row),
    journalId: row.journal_id,
    counter: Number(row.counter),
    invoiceId: row.invoice_id,
    since: row.sold_at.toISOString(),
  }),
};
