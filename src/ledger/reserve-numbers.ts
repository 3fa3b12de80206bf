import type { Environment, InvoiceKind, InvoiceType } from '@tax-control/protocol';
import { arrayLiteral } from '../database/array-literal.js';
import type { InvoiceIdentity } from './identity.js';
import type { Queryable } from './queryable.js';

/** What has to be known of an invoice before it may have a number. */
export interface Candidate extends InvoiceIdentity {
  readonly journalId: string;
  readonly counter: number;
  readonly number: ShopNumber;
  /** The highest code that the terminal holds; null: it named none. */
  readonly newestCode: string | null;
}

/**
 * The shop's number of an invoice, and among which others it must be alone: those of the same terminal, type, kind and year of business
 * days. Many shops begin anew every year, and number refunds on their own.
 * @property key see `numberKey`; null: it counts in no turnover, and is compared with nothing
 * @property year of the business day
 * @property supersedes the invoice that it corrects, which may have the same number
 */
export interface ShopNumber {
  readonly key: string | null;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly year: number;
  readonly supersedes: string | null;
}

/**
 * `sequence`: a fresh number, or null when the identity is on file already (and gets none).
 * `lastCounter`: highest counter on file for the journal, refused invoices included; null when none is.
 * `beforeSoldAt`: time of sale of the last invoice with a lower counter in its journal whose time is believed, milliseconds since 1970; null where
 * none is on file.
 * `counterUsed`: another invoice, issued or refused, has the same counter in this journal.
 * `numberUsed`: another invoice on file with the same number; null when there is none.
 * `newestKnown`: whether the newest code that its terminal holds is on file; true where it named none.
 */
export interface Reservation {
  readonly sequence: number | null;
  readonly lastCounter: number | null;
  readonly counterUsed: boolean;
  readonly numberUsed: NumberUse | null;
  readonly beforeSoldAt: number | null;
  readonly newestKnown: boolean;
}

/** A number as another invoice has it, and that invoice's code. */
export interface NumberUse {
  readonly number: string;
  readonly code: string;
}

/**
 * Invoices with one number of a terminal and year that are looked at, the first business day first. Other types and kinds may stand before
 * the one that is looked for; a till that made thousands of them must not make every further one slower.
 */
const SAME_NUMBER_MAX = 50;

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
       (SELECT used.code || used.number
        FROM (SELECT code, number, type, kind, invoice_id FROM ledger
              WHERE terminal_id = candidate.terminal_id AND number_key = candidate.number_key AND type IN ('normal', 'advance')
                AND business_day >= make_date(candidate.year, 1, 1) AND business_day < make_date(candidate.year + 1, 1, 1)
              ORDER BY business_day LIMIT ${SAME_NUMBER_MAX}) AS used
        WHERE used.type = candidate.type AND used.kind = candidate.kind AND used.invoice_id <> candidate.invoice_id
          AND used.invoice_id IS DISTINCT FROM candidate.supersedes LIMIT 1) AS number_used,
       (SELECT extract(epoch FROM issued_at) FROM (
          SELECT issued_at, counted_at FROM ledger
          WHERE journal_id = candidate.journal_id AND terminal_id = candidate.terminal_id AND counter < candidate.counter
          ORDER BY counter DESC LIMIT ${BEFORE_MAX}
        ) AS before WHERE counted_at IS NULL LIMIT 1) AS before_sold_at,
       candidate.newest_code IS NULL OR COALESCE(
         (SELECT code = candidate.newest_code FROM ledger
          WHERE sequence = left(candidate.newest_code, 12)::bigint AND terminal_id = candidate.terminal_id LIMIT 1),
         false) AS newest_known
FROM unnest($1::text[], $2::uuid[], $3::uuid[], (SELECT $4::bigint[]), $6::text[], $7::text[], $8::text[], $9::integer[], $10::uuid[], $11::text[])
  WITH ORDINALITY AS candidate(terminal_id, invoice_id, journal_id, counter, number_key, type, kind, year, supersedes, newest_code, position)
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
  number_used: string | null;
  before_sold_at: string | null;
  newest_known: boolean;
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
      arrayLiteral(candidates.map(({ number }) => number.key)),
      arrayLiteral(candidates.map(({ number }) => number.type)),
      arrayLiteral(candidates.map(({ number }) => number.kind)),
      arrayLiteral(candidates.map(({ number }) => number.year)),
      arrayLiteral(candidates.map(({ number }) => number.supersedes)),
      arrayLiteral(candidates.map(({ newestCode }) => newestCode)),
    ],
  });
  return rows.map((record) => ({
    sequence: record.sequence === null ? null : Number(record.sequence),
    lastCounter: record.last_counter === null ? null : Number(record.last_counter),
    counterUsed: record.counter_used ?? false,
    numberUsed: record.number_used === null ? null : numberUseOf(record.number_used),
    beforeSoldAt: record.before_sold_at === null ? null : Number(record.before_sold_at) * MS_PER_SECOND,
    newestKnown: record.newest_known,
  }));
}

/** Code and number come as one text: digits of the code first. */
function numberUseOf(text: string): NumberUse {
  const length = 'ssssssssssssmmmmmmcc'.length;
  return { code: text.slice(0, length), number: text.slice(length) };
}
