import type { FailureCause, Problem, Warning } from '@tax-control/protocol';
import type { JournalState } from '../api.js';

/** What is known of an invoice before the journal gives it its place. */
export interface NewSale {
  readonly saleId: string;
  /** Digest of what the MIS handed over: the same saleId with another one is a conflict. */
  readonly saleDigest: string;
  readonly invoiceId: string;
  /** Smallest unit; what it adds to the sum of waiting sales (0 for refunds, voids and what counts in no turnover). */
  readonly saleAmount: number;
  /** Milliseconds, by the till's clock, put right where that is known to be wrong (`ClockWatch.moment`). */
  readonly signedAt: number;
  /** What the till has to say of it and the invoice does not show: sentences for the MIS. */
  readonly notices: readonly string[];
}

/** The place that the journal gives to the next invoice. */
export interface JournalPlace {
  readonly journalId: string;
  readonly counter: number;
  readonly previousDigest: string | null;
}

export interface SignedInvoice {
  /** Compact JWS. */
  readonly jws: string;
  readonly digest: string;
  /** What a receipt without a code bears in its QR (`makeOfflineProof`); null: an earlier version signed it. */
  readonly proof: string | null;
}

/** An invoice in the journal, as its row tells. */
export interface JournalEntry extends NewSale, SignedInvoice {
  readonly position: number;
  readonly journalId: string;
  readonly counter: number;
  readonly state: JournalState;
  /** Why it waits: the last attempt's cause; null while the first attempt is under way, or was when the till stopped. */
  readonly cause: FailureCause | null;
  readonly detail: string | null;
  /** The server has it in mind but could not take it: it counts in no offline limit. */
  readonly deferred: boolean;
  /** Attempts that failed for no outage's sake. */
  readonly failures: number;
  readonly failedAt: number | null;
  readonly receipt: string | null;
  readonly code: string | null;
  readonly warnings: readonly Warning[];
  readonly problem: Problem | null;
  readonly concludedAt: number | null;
}

/** Row of the table `invoices`. */
export interface InvoiceRow {
  readonly position: number;
  readonly journal_id: string;
  readonly counter: number;
  readonly sale_id: string;
  readonly sale_digest: string;
  readonly invoice_id: string;
  readonly jws: string;
  readonly digest: string;
  readonly proof: string | null;
  readonly signed_at: number;
  readonly sale_amount: number;
  readonly notices: string;
  readonly state: JournalState;
  readonly cause: FailureCause | null;
  readonly detail: string | null;
  readonly deferred: 0 | 1;
  readonly failures: number;
  readonly failed_at: number | null;
  readonly receipt: string | null;
  readonly code: string | null;
  readonly warnings: string;
  readonly problem: string | null;
  readonly concluded_at: number | null;
}

export function entryOf(row: InvoiceRow): JournalEntry {
  return {
    position: row.position,
    journalId: row.journal_id,
    counter: row.counter,
    saleId: row.sale_id,
    saleDigest: row.sale_digest,
    invoiceId: row.invoice_id,
    jws: row.jws,
    digest: row.digest,
    proof: row.proof,
    signedAt: row.signed_at,
    saleAmount: row.sale_amount,
    notices: JSON.parse(row.notices) as string[],
    state: row.state,
    cause: row.cause,
    detail: row.detail,
    deferred: row.deferred === 1,
    failures: row.failures,
    failedAt: row.failed_at,
    receipt: row.receipt,
    code: row.code,
    warnings: JSON.parse(row.warnings) as Warning[],
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    concludedAt: row.concluded_at,
  };
}
