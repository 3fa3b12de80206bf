import type { Environment } from '@tax-control/protocol';
import { arrayLiteral } from '../database/array-literal.js';
import type { InvoiceIdentity } from './identity.js';
import type { Queryable } from './queryable.js';

/** What has to be known of an invoice before it may have a number. */
export interface Candidate extends InvoiceIdentity {
  readonly journalId: string;
  readonly counter: number;
}

/**
 * `sequence`: a fresh number, or null when the identity is on file already (and gets none).
 * `lastCounter`: highest counter on file for the journal, refused invoices included; null when none is.
 * `beforeSoldAt`: time of sale of the last invoice with a lower counter in its journal whose time is believed, milliseconds since 1970; null where
 * none is on file.
 * `counterUsed`: another invoice, issued or refused, has the same counter in this journal.
 */
export interface Reservation {
  readonly sequence: number | null;
  readonly lastCounter: number | null;
  readonly counterUsed: boolean;
  readonly beforeSoldAt: number | null;
}

/** The sequence that gives an environment's numbers. */
export const SEQUENCES: Record<Environment, string> = {
  production: 'tax_control_number',
  test: 'tax_control_number_test',
};

/** Rows in front of an invoice among which one is looked for whose time is believed: a till with a wrong clock makes all that it sells such a row. */
const BEFORE_MAX = 1_000;

// Scalar sub-selects with LIMIT, because they cannot be planned as a scan of the whole ledger, whatever the statistics say:
// the plan is kept for the life of the connection, and the ledger may have been empty when it was made.
// The sub-select around $4 hides how long the list is. Where PostgreSQL sees that a list is short, its plan seems cheaper than the
// kept one, and every list is planned anew, which takes longer than running it.
const RESERVE = `
SELECT CASE WHEN known.sequence IS NULL THEN nextval($5::regclass) END AS sequence,
       last.counter AS last_counter,
       last.counter >= candidate.counter AND COALESCE(
         (SELECT true FROM ledger
          WHERE journal_id = candidate.journal_id AND counter = candidate.counter
            AND terminal_id = candidate.terminal_id AND invoice_id <> candidate.invoice_id LIMIT 1),
         (SELECT true FROM refused_invoice
          WHERE journal_id = candidate.journal_id AND counter = candidate.counter
            AND terminal_id = candidate.terminal_id AND invoice_id <> candidate.invoice_id LIMIT 1),
         false) AS counter_used,
       (SELECT extract(epoch FROM issued_at) FROM (
          SELECT issued_at, counted_at FROM ledger
          WHERE journal_id = candidate.journal_id AND terminal_id = candidate.terminal_id AND counter < candidate.counter
          ORDER BY counter DESC LIMIT ${BEFORE_MAX}
        ) AS before WHERE counted_at IS NULL LIMIT 1) AS before_sold_at
FROM unnest($1::text[], $2::uuid[], $3::uuid[], (SELECT $4::bigint[]))
  WITH ORDINALITY AS candidate(terminal_id, invoice_id, journal_id, counter, position)
CROSS JOIN LATERAL (SELECT (
  SELECT sequence FROM ledger
  WHERE terminal_id = candidate.terminal_id AND invoice_id = candidate.invoice_id LIMIT 1
) AS sequence OFFSET 0) AS known
CROSS JOIN LATERAL (SELECT GREATEST(
  (SELECT counter FROM ledger
   WHERE journal_id = candidate.journal_id AND terminal_id = candidate.terminal_id ORDER BY counter DESC LIMIT 1),
  (SELECT counter FROM refused_invoice
   WHERE journal_id = candidate.journal_id AND terminal_id = candidate.terminal_id ORDER BY counter DESC LIMIT 1)
) AS counter OFFSET 0) AS last
ORDER BY candidate.position`;

const MS_PER_SECOND = 1000;

interface ReservationRecord {
  sequence: string | null;
  last_counter: string | null;
  counter_used: boolean | null;
  before_sold_at: string | null;
}

/**
 * Takes a number from the environment's sequence for every candidate that is not on file, and tells what is known of its journal. One
 * reservation for each candidate, in order. Not idempotent: every call burns numbers; what makes an identity unique is the ledger's
 * constraint `ledger_identity`, not this look at it.
 */
export async function reserveNumbers(
  client: Queryable,
  environment: Environment,
  candidates: readonly Candidate[],
): Promise<Reservation[]> {
  const { rows } = await client.query<ReservationRecord>({
    name: 'reserve-numbers',
    text: RESERVE,
    values: [
      arrayLiteral(candidates.map(({ terminalId }) => terminalId)),
      arrayLiteral(candidates.map(({ invoiceId }) => invoiceId)),
      arrayLiteral(candidates.map(({ journalId }) => journalId)),
      arrayLiteral(candidates.map(({ counter }) => counter)),
      SEQUENCES[environment],
    ],
  });
  return rows.map((record) => ({
    sequence: record.sequence === null ? null : Number(record.sequence),
    lastCounter: record.last_counter === null ? null : Number(record.last_counter),
    counterUsed: record.counter_used ?? false,
    beforeSoldAt: record.before_sold_at === null ? null : Number(record.before_sold_at) * MS_PER_SECOND,
  }));
}
