import type { FailureCause, Problem, Warning } from '@tax-control/protocol';
import {
  entryOf,
  type InvoiceRow,
  type JournalEntry,
  type JournalPlace,
  type NewSale,
  type SignedInvoice,
} from './entries.js';
import type { FetchedStore } from './fetched-store.js';
import type { Database } from './sqlite/database.js';

/** What waits, summed up: for the offline limits and for the status. Amounts in the smallest unit, times as in `NewSale`. */
export interface Backlog {
  readonly waiting: number;
  /** Without what the server deferred. */
  readonly counted: number;
  /** At most 2^53 − 1: sums beyond it would stop every sale, and no limit is as high. */
  readonly countedSales: number;
  readonly oldestAt: number | null;
  /** Of the first in the journal that counts, and where that is: signed before it was nothing that comes after it. */
  readonly oldestCountedAt: number | null;
  readonly oldestCountedPosition: number | null;
}

/** A receipt with its invoice, each as compact JWS. */
export interface HeldReceipt {
  readonly code: string;
  readonly invoiceId: string;
  readonly jws: string;
  readonly receipt: string;
}

/** Above every code, as texts are compared: codes are digits. */
export const ABOVE_ALL_CODES = ':';

/** The last link of a journal's chain. */
export interface ChainEnd {
  readonly counter: number;
  readonly digest: string;
}

/**
 * The table `invoices`. Every change is idempotent only as far as the states are: a second seal of the same entry
 * throws, because issued entries never change. Callers run these inside `Journal.transaction`.
 */
export class InvoiceStore {
  readonly #statements;

  /** @param fetched what was lost here and fetched back: found where nothing else is */
  constructor(
    database: Database,
    private readonly fetched: FetchedStore,
  ) {
    const oneBy = (column: string) =>
      database.prepare<[string], InvoiceRow>(`SELECT * FROM invoices WHERE ${column} = ?`);
    this.#statements = {
      bySale: oneBy('sale_id'),
      byInvoice: oneBy('invoice_id'),
      byCode: oneBy('code'),
      end: database.prepare<[string], ChainEnd>(
        'SELECT counter, digest FROM invoices WHERE journal_id = ? ORDER BY counter DESC LIMIT 1',
      ),
      firstWaiting: database.prepare<[string], { counter: number | null }>(
        `SELECT min(counter) AS counter FROM invoices WHERE journal_id = ? AND state = 'waiting'`,
      ),
      waiting: database.prepare<[number, number], InvoiceRow>(
        `SELECT * FROM invoices WHERE state = 'waiting' AND position > ? ORDER BY position LIMIT ?`,
      ),
      held: database.prepare<[string, string, number], HeldReceipt>(
        `SELECT code, invoice_id AS invoiceId, jws, receipt FROM invoices WHERE code IS NOT NULL AND code < ?
         UNION ALL
         SELECT code, invoice_id, jws, receipt FROM fetched_invoices WHERE code IS NOT NULL AND jws IS NOT NULL AND code < ?
         ORDER BY code DESC LIMIT ?`,
      ),
      insert: database.prepare(
        `INSERT INTO invoices (journal_id, counter, sale_id, sale_digest, invoice_id, jws, digest, proof, signed_at, sale_amount, notices)
         VALUES (@journalId, @counter, @saleId, @saleDigest, @invoiceId, @jws, @digest, @proof, @signedAt, @saleAmount, @notices)`,
      ),
      seal: database.prepare(
        `UPDATE invoices SET state = 'issued', receipt = @receipt, code = @code, warnings = @warnings, concluded_at = @at
         WHERE invoice_id = @invoiceId`,
      ),
      park: database.prepare(
        `UPDATE invoices SET state = 'refused', problem = @problem, cause = @cause, concluded_at = @at WHERE invoice_id = @invoiceId`,
      ),
      wait: database.prepare(`UPDATE invoices SET cause = @cause, detail = @detail WHERE invoice_id = @invoiceId`),
      fail: database.prepare(
        `UPDATE invoices SET cause = @cause, detail = @detail, deferred = max(deferred, @deferred), failures = failures + 1, failed_at = @at
         WHERE invoice_id = @invoiceId`,
      ),
      backlog: database.prepare<[], Backlog>(
        `SELECT count(*) AS waiting, count(*) FILTER (WHERE deferred = 0) AS counted,
                CAST(min(total(sale_amount) FILTER (WHERE deferred = 0), ${Number.MAX_SAFE_INTEGER}) AS INTEGER) AS countedSales,
                min(signed_at) AS oldestAt, min(position) FILTER (WHERE deferred = 0) AS oldestCountedPosition,
                (SELECT signed_at FROM invoices WHERE state = 'waiting' AND deferred = 0 ORDER BY position LIMIT 1) AS oldestCountedAt
         FROM invoices WHERE state = 'waiting'`,
      ),
      count: database.prepare<[string], { count: number }>('SELECT count(*) AS count FROM invoices WHERE state = ?'),
    };
  }

  bySale(saleId: string): JournalEntry | null {
    return nullable(this.#statements.bySale.get(saleId)) ?? this.fetched.bySale(saleId);
  }

  byInvoice(invoiceId: string): JournalEntry | null {
    return nullable(this.#statements.byInvoice.get(invoiceId)) ?? this.fetched.byInvoice(invoiceId);
  }

  byCode(code: string): JournalEntry | null {
    return nullable(this.#statements.byCode.get(code)) ?? this.fetched.byCode(code);
  }

  /** The journal's last invoice; null when it has none. */
  end(journalId: string): ChainEnd | null {
    return this.#statements.end.get(journalId) ?? null;
  }

  /** Counter of a chain up to which the server has answered for everything; 0: for nothing. */
  settledCounter(journalId: string): number {
    const waiting = this.#statements.firstWaiting.get(journalId)?.counter ?? null;
    return waiting === null ? (this.end(journalId)?.counter ?? 0) : waiting - 1;
  }

  /** Waiting entries signed after the position, oldest first. */
  waitingAfter(position: number, limit: number): JournalEntry[] {
    return this.#statements.waiting.all(position, limit).map(entryOf);
  }

  /**
   * Receipts that this till holds with a code below this one, those that it fetched back too, the highest first. Codes begin with the server's number.
   */
  heldBelow(code: string, limit: number): HeldReceipt[] {
    return this.#statements.held.all(code, code, limit);
  }

  /** The highest code that this till holds; null: it holds none. */
  newestCode(): string | null {
    return this.heldBelow(ABOVE_ALL_CODES, 1)[0]?.code ?? null;
  }

  /** Relies on three constraints: the counter, the sale and the invoice are each there once. */
  insert(sale: NewSale, place: JournalPlace, signed: SignedInvoice): void {
    const { journalId, counter } = place;
    const { saleId, saleDigest, invoiceId, saleAmount, signedAt, notices } = sale;
    const { jws, digest, proof } = signed;
    this.#statements.insert.run({
      journalId,
      counter,
      saleId,
      saleDigest,
      invoiceId,
      saleAmount,
      signedAt,
      jws,
      digest,
      proof,
      notices: JSON.stringify(notices),
    });
  }

  seal(invoiceId: string, sealed: { receipt: string; code: string; warnings: readonly Warning[]; at: number }): void {
    this.#statements.seal.run({ invoiceId, ...sealed, warnings: JSON.stringify(sealed.warnings) });
  }

  park(invoiceId: string, problem: Problem, at: number): void {
    this.#statements.park.run({ invoiceId, problem: JSON.stringify(problem), cause: problem.code, at });
  }

  /** It goes on waiting for an outage's sake. */
  keepWaiting(invoiceId: string, cause: FailureCause, detail: string | null): void {
    this.#statements.wait.run({ invoiceId, cause, detail });
  }

  /** It goes on waiting although the line was there: counted, so that one bad entry does not hold up the others for ever. */
  countFailure(
    invoiceId: string,
    failure: { cause: FailureCause; detail: string | null; deferred: boolean; at: number },
  ): void {
    this.#statements.fail.run({ invoiceId, ...failure, deferred: failure.deferred ? 1 : 0 });
  }

  backlog(): Backlog {
    const backlog = this.#statements.backlog.get();
    if (backlog === undefined) throw new Error('an aggregate always has a row');
    return backlog;
  }

  /** With those that were fetched back. */
  count(state: 'issued' | 'refused'): number {
    return (this.#statements.count.get(state)?.count ?? 0) + this.fetched.count(state);
  }
}

function nullable(row: InvoiceRow | undefined): JournalEntry | null {
  return row === undefined ? null : entryOf(row);
}
