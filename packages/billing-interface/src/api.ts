import type {
  Environment,
  FailureCause,
  Invoice,
  InvoiceLine,
  LogEntry,
  Problem,
  Receipt,
  Warning,
} from '@tax-control/protocol';

/** A line as the MIS gives it: `amount` may be left out and is then computed (half away from zero). */
export type DraftLine = Omit<InvoiceLine, 'amount'> & { readonly amount?: number };

/**
 * A sale as the MIS hands it over. What the till knows itself (identity, counter, digests, clock) is added here;
 * `taxes` and `total` may be left out and are then computed from the lines and the rates of the parameters.
 */
export interface InvoiceDraft extends Pick<Invoice, 'kind' | 'number' | 'currency' | 'priceBasis' | 'payments'> {
  readonly lines: readonly DraftLine[];
  readonly type?: Invoice['type'];
  readonly taxes?: Invoice['taxes'];
  readonly total?: number;
  /** Time of sale (RFC 3339); now, if left out. */
  readonly issuedAt?: string;
  /** The shop's day at `issuedAt`, if left out. */
  readonly businessDay?: string;
  /** The sale took place at `issuedAt` and is entered only now, such as one from a handwritten receipt; why, in words of the shop. */
  readonly enteredLater?: { readonly reason: string };
  readonly cashier?: string;
  readonly buyer?: Invoice['buyer'];
  readonly reference?: Invoice['reference'];
  readonly supersedes?: Invoice['supersedes'];
}

/** What is printed whatever happens: facts of the signed invoice. */
export interface SaleFacts {
  readonly saleId: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly counter: number;
  readonly invoice: Invoice;
  /** Of the receipt, or of the parameters while the code is pending: a test is marked on paper in both. */
  readonly environment: Environment;
  /**
   * Text of the QR: the address where a customer can check the receipt. While the code is pending it bears in its query what proves that this
   * till signed the receipt; whoever prints an address to be typed leaves the query out.
   */
  readonly qrText: string;
  /** First characters of the terminal's signature, printed on offline receipts. */
  readonly signatureMark: string;
  /** This saleId was asked for before: the answer, whatever its result, is about the invoice of then. Left out the first time. */
  readonly repeated?: true;
  /** Beside `repeated`: when it was signed, by the till's clock (RFC 3339, UTC). */
  readonly firstAt?: string;
  /** What the till found odd about the times or the rates of this sale, or its disk has lost, and what to do; absent: nothing. The sale holds. */
  readonly notices?: readonly string[];
}

/** The sale has its code; after a power cut it still has. */
export interface SaleIssued extends SaleFacts {
  readonly result: 'issued';
  readonly code: string;
  readonly receipt: Receipt;
  /** Compact JWS, to be kept by whoever wants to prove it later. */
  readonly receiptJws: string;
  readonly warnings: readonly Warning[];
}

/** The sale is in the journal, synced to disk; its code comes later and appears in the feed. */
export interface SaleStoredOffline extends SaleFacts {
  readonly result: 'stored_offline';
  readonly cause: FailureCause;
  /** What to print and, where somebody has to act, what to do. */
  readonly detail: string;
  /** Set at 80 % of an offline limit and above. */
  readonly limitWarning?: string;
}

/** The server refused the signed invoice; it is kept with its cause. Correct the sale under a new saleId with `supersedes`. */
export interface SaleRefused extends SaleFacts {
  readonly result: 'refused';
  readonly problem: Problem;
}

export type SaleErrorCode = 'invalid' | 'limit_reached' | 'not_permitted' | 'journal_unavailable' | 'sale_id_conflict';

/** Nothing was signed, no counter was used: the sale did not happen. */
export interface SaleError {
  readonly result: SaleErrorCode;
  readonly saleId: string;
  /** What was wrong and what to do. */
  readonly detail: string;
  readonly problem?: Problem;
}

export type SaleResult = SaleIssued | SaleStoredOffline | SaleRefused | SaleError;

/** States of an invoice in the journal (a table of legal changes is in journal/states.ts). */
export type JournalState = 'waiting' | 'issued' | 'refused';

/** Something that a MIS did not learn from the answer to its sale; `cursor` grows without end. */
export interface FeedEvent {
  readonly cursor: number;
  readonly at: string;
  readonly kind:
    | 'issued'
    | 'refused'
    | 'warning'
    | 'limit'
    | 'not_authenticated'
    | 'journal_opened'
    | 'journal_lost'
    | 'journal_fetched'
    | 'parameters'
    | 'certificate'
    | 'repeated'
    | 'restored'
    | 'restoration_refused';
  readonly saleId: string | null;
  readonly invoiceId: string | null;
  readonly code: string | null;
  readonly detail: string;
}

/** Zone of the times and days that a till writes. `from`: where its IANA name comes from; `computer`: nobody has said one. */
export interface TillTimeZone {
  readonly name: string;
  readonly from: 'configuration' | 'parameters' | 'computer';
}

/** Invoices of one journal that this till had written and its disk has lost. */
export interface JournalLoss {
  readonly journalId: string;
  /** Counters behind `found` up to `written` may be gone. `found` 0: the whole journal. */
  readonly found: number;
  readonly written: number;
  readonly noticedAt: string;
  /** `mark`: by the mark beside the journal, at opening; `server`: by what the server says of the journal. */
  readonly noticedBy: 'mark' | 'server';
  /** What was found, in one sentence. */
  readonly detail: string;
  /** `to_fetch`: not everything was asked of the server; `incomplete`: the server has told all it has, and some are missing. */
  readonly state: 'to_fetch' | 'fetched' | 'incomplete';
  /** Invoices that came back from the server; of `withoutContent` more it keeps the receipt or the fact alone. */
  readonly fetched: number;
  readonly withoutContent: number;
  /** Counters that are neither here nor came back. */
  readonly missing: number;
  /** Why the last fetching stopped; null: it did not, or it is done. */
  readonly problem: string | null;
}

/**
 * The mark beside the journal, by which a loss is noticed. `made_anew`: it was missing or could not be read at the start; `not_written`: the
 * disk does not take it, and sales go on without it. `detail` says why.
 */
export interface MarkStatus {
  readonly state: 'kept' | 'made_anew' | 'not_written';
  readonly detail: string | null;
}

export interface TillStatus {
  readonly terminalId: string;
  readonly journalId: string;
  readonly lastCounter: number;
  readonly waiting: number;
  readonly waitingSales: number;
  readonly oldestWaitingAt: string | null;
  readonly refused: number;
  readonly issued: number;
  readonly circuit: 'closed' | 'open' | 'probing';
  readonly lastFailure: { readonly at: string; readonly cause: FailureCause; readonly detail: string | null } | null;
  readonly parametersVersion: number | null;
  readonly certificateNotAfter: string | null;
  readonly clockOffsetMs: number | null;
  /** A moment that has passed although the till's clock is before it: the clock is wrong. Null: nothing of the kind is known. */
  readonly clockBehind: string | null;
  readonly timeZone: TillTimeZone;
  readonly logWaiting: number;
  readonly mark: MarkStatus;
  /** Losses of this till's disk that have not come back as a whole. */
  readonly losses: readonly JournalLoss[];
}

export interface DrainReport {
  readonly issued: number;
  readonly alreadyIssued: number;
  readonly refused: number;
  readonly deferred: number;
  readonly stillWaiting: number;
  readonly cause: FailureCause | null;
}

/** The billing interface of one terminal. Every method may be called at any time, by several callers. */
export interface BillingInterface {
  /** Returns within the deadline; never rejects for a network or server reason. The same saleId and content gets the same answer, marked `repeated`. */
  issue(saleId: string, draft: InvoiceDraft): Promise<SaleResult>;
  /** What became of a sale; null when this till never signed one of that saleId. */
  lookUp(saleId: string): SaleResult | null;
  /** Sends what waits, in steps of the allowance, until nothing waits or the line fails. */
  drain(): Promise<DrainReport>;
  status(): TillStatus;
  /** Events after the cursor, oldest first, at most `limit`. */
  feed(cursor: number, limit?: number): FeedEvent[];
  /** Resolves at the next event or after `waitMs`. */
  waitForFeed(cursor: number, waitMs: number): Promise<FeedEvent[]>;
  /** The newest attempts of the transaction log, newest first, at most `limit` (100). */
  log(limit?: number): LogEntry[];
  /** Takes a signed parameters document brought by any way; tells what became of it. */
  importParameters(jws: string): { readonly result: 'taken' | 'not_newer' | 'refused'; readonly detail: string };
  /** Lets what is in flight end, then closes the journal. */
  close(): Promise<void>;
}
