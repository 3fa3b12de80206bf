import type { FailureCause, Problem, Warning } from '@tax-control/protocol';
import {
  entryOf,
  type InvoiceRow,
  type JournalEntry,
  type JournalPlace,
  type NewSale,
  type SignedInvoice,
} from './entries.js';
import { type Backlog, BacklogSums } from './backlog-sums.js';
import type { FetchedStore } from './fetched-store.js';
import type { Database } from './sqlite/database.js';

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
  readonly #sums: BacklogSums;

  /** @param fetched what was lost here and fetched back: found where nothing else is */
  constructor(
    database: Database,
    private readonly fetched: FetchedStore,
  ) {
    this.#sums = new BacklogSums(database);
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
      codes: database.prepare<[string, string, number], { code: string }>(
        `SELECT code FROM invoices WHERE code IS NOT NULL AND code < ?
         UNION ALL
         SELECT code FROM fetched_invoices WHERE code IS NOT NULL AND jws IS NOT NULL AND code < ?
         ORDER BY code DESC LIMIT ?`,
      ),
      held: database.prepare<[string, string], HeldReceipt>(
        `SELECT code, invoice_id AS invoiceId, jws, receipt FROM invoices WHERE code = ?
         UNION ALL
         SELECT code, invoice_id, jws, receipt FROM fetched_invoices WHERE code = ? AND jws IS NOT NULL LIMIT 1`,
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
   * Codes of receipts that this till holds, those that it fetched back too, below this one, the highest first. A code begins with the server's
   * number.
   */
  codesBelow(code: string, limit: number): string[] {
    return this.#statements.codes.all(code, code, limit).map((row) => row.code);
  }

  /** The receipt with its invoice; null: this till does not hold it. */
  held(code: string): HeldReceipt | null {
    return this.#statements.held.get(code, code) ?? null;
  }

  /** The highest code that this till holds; null: it holds none. */
  newestCode(): string | null {
    return this.codesBelow(ABOVE_ALL_CODES, 1)[0] ?? null;
  }

  /** Relies on three constraints: the counter, the sale and the invoice are each there once. */
  insert(sale: NewSale, place: JournalPlace, signed: SignedInvoice): void {
    const { journalId, counter } = place;
    const { saleId, saleDigest, invoiceId, saleAmount, signedAt, notices } = sale;
    const { jws, digest, proof } = signed;
    this.#sums.refresh();
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
    this.#sums.signed(saleAmount);
  }

  seal(invoiceId: string, sealed: { receipt: string; code: string; warnings: readonly Warning[]; at: number }): void {
    const part = this.#sums.partOf(invoiceId);
    this.#statements.seal.run({ invoiceId, ...sealed, warnings: JSON.stringify(sealed.warnings) });
    this.#sums.concluded(part);
  }

  park(invoiceId: string, problem: Problem, at: number): void {
    const part = this.#sums.partOf(invoiceId);
    this.#statements.park.run({ invoiceId, problem: JSON.stringify(problem), cause: problem.code, at });
    this.#sums.concluded(part);
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
    const part = this.#sums.partOf(invoiceId);
    this.#statements.fail.run({ invoiceId, ...failure, deferred: failure.deferred ? 1 : 0 });
    if (failure.deferred) this.#sums.deferred(part);
  }

  backlog(): Backlog {
    return this.#sums.read();
  }

  /** With those that were fetched back. */
  count(state: 'issued' | 'refused'): number {
    return (this.#statements.count.get(state)?.count ?? 0) + this.fetched.count(state);
  }
}

function nullable(row: InvoiceRow | undefined): JournalEntry | null {
  return row === undefined ? null : entryOf(row);
}
