import { createHmac } from 'node:crypto';
import { type Problem, timeOfUuidV7, uuidV7, type Warning } from '@tax-control/protocol';
import type { JournalEntry } from './entries.js';
import type { Database } from './sqlite/database.js';

/** An invoice of a lost chain as the server gave it back, verified. */
export interface FetchedInvoice {
  readonly journalId: string;
  readonly counter: number;
  readonly invoiceId: string;
  readonly digest: string;
  /** Compact JWS; null: the server no longer keeps the content. */
  readonly jws: string | null;
  readonly outcome:
    | {
        readonly state: 'issued';
        readonly receipt: string;
        readonly code: string;
        readonly warnings: readonly Warning[];
      }
    | { readonly state: 'refused'; readonly problem: Problem };
}

/** Row of the table `fetched_invoices`. */
export interface FetchedRow {
  readonly position: number;
  readonly journal_id: string;
  readonly counter: number;
  readonly invoice_id: string;
  readonly digest: string;
  readonly state: 'issued' | 'refused';
  readonly jws: string | null;
  readonly receipt: string | null;
  readonly code: string | null;
  readonly warnings: string;
  readonly problem: string | null;
  readonly fetched_at: number;
}

/** What a digest of the MIS's draft is for a fetched invoice: the server never had the draft. */
export const UNKNOWN_DRAFT = '';

const FETCHED_NOTICE =
  'The till lost this invoice with its journal and fetched it back from the server. Which draft it was made of is not known any more.';
/** Characters of a UUID before its last 64 bits. */
const TAG_AT = 'xxxxxxxx-xxxx-xxxx-'.length;

/**
 * Last 8 bytes of the id of an invoice: of its saleId, keyed with the journal's id, which no receipt shows. By it a till that lost its
 * journal knows the saleId of an invoice again.
 */
export function saleTail(journalId: string, saleId: string): Buffer {
  return createHmac('sha256', journalId).update(saleId).digest();
}

function tagOf(journalId: string, saleId: string): string {
  return uuidV7(0, saleTail(journalId, saleId)).slice(TAG_AT);
}

/** The table `fetched_invoices`: beside `invoices`, because a chain that parted may have two invoices at one counter. */
export class FetchedStore {
  readonly #statements;

  constructor(database: Database) {
    const one = <V extends readonly string[]>(condition: string) =>
      database.prepare<V, FetchedRow>(
        `SELECT * FROM fetched_invoices WHERE ${condition} AND jws IS NOT NULL ORDER BY state, position LIMIT 1`,
      );
    this.#statements = {
      add: database.prepare(
        `INSERT INTO fetched_invoices
           (journal_id, counter, invoice_id, sale_tag, digest, state, jws, receipt, code, warnings, problem, fetched_at)
         SELECT @journalId, @counter, @invoiceId, @saleTag, @digest, @state, @jws, @receipt, @code, @warnings, @problem, @at
         WHERE NOT EXISTS (SELECT 1 FROM invoices WHERE invoice_id = @invoiceId AND digest = @digest)
         ON CONFLICT (digest, state) DO NOTHING`,
      ),
      journals: database.prepare<[], { id: string }>('SELECT DISTINCT journal_id AS id FROM fetched_invoices'),
      bySale: one<[string, string]>('sale_tag = ? AND journal_id = ?'),
      byInvoice: one<[string]>('invoice_id = ?'),
      byCode: one<[string]>('code = ?'),
      sold: database.prepare<[number], { saleId: string; invoiceId: string }>(
        'SELECT sale_id AS saleId, invoice_id AS invoiceId FROM invoices WHERE position > ? ORDER BY position',
      ),
      count: database.prepare<[string], { count: number }>(
        'SELECT count(*) AS count FROM fetched_invoices WHERE state = ?',
      ),
    };
  }

  /** Idempotent: what the file has already is passed by. */
  add({ journalId, counter, invoiceId, digest, jws, outcome }: FetchedInvoice, at: number): void {
    const isIssued = outcome.state === 'issued';
    this.#statements.add.run({
      journalId,
      counter,
      invoiceId,
      saleTag: invoiceId.slice(TAG_AT),
      digest,
      jws,
      state: outcome.state,
      receipt: isIssued ? outcome.receipt : null,
      code: isIssued ? outcome.code : null,
      warnings: JSON.stringify(isIssued ? outcome.warnings : []),
      problem: isIssued ? null : JSON.stringify(outcome.problem),
      at,
    });
  }

  /** By the end of the id, which is of the saleId; ids that an earlier version made say nothing of it. */
  bySale(saleId: string): JournalEntry | null {
    for (const { id } of this.#statements.journals.all()) {
      const row = this.#statements.bySale.get(tagOf(id, saleId), id);
      if (row !== undefined) return entryOf(row, saleId);
    }
    return null;
  }

  byInvoice(invoiceId: string): JournalEntry | null {
    return nullable(this.#statements.byInvoice.get(invoiceId));
  }

  byCode(code: string): JournalEntry | null {
    return nullable(this.#statements.byCode.get(code));
  }

  /** Sales signed behind a position whose saleId was signed in a lost chain, too: with the invoice of both. */
  signedTwice(
    position: number,
  ): { readonly saleId: string; readonly invoiceId: string; readonly lost: JournalEntry }[] {
    return this.#statements.sold.all(position).flatMap(({ saleId, invoiceId }) => {
      const lost = this.bySale(saleId);
      return lost === null ? [] : [{ saleId, invoiceId, lost }];
    });
  }

  count(state: 'issued' | 'refused'): number {
    return this.#statements.count.get(state)?.count ?? 0;
  }
}

function nullable(row: FetchedRow | undefined): JournalEntry | null {
  return row === undefined ? null : entryOf(row, '');
}

function entryOf(row: FetchedRow, saleId: string): JournalEntry {
  return {
    // Behind everything that was signed here: it never waits.
    position: 0,
    journalId: row.journal_id,
    counter: row.counter,
    saleId,
    saleDigest: UNKNOWN_DRAFT,
    invoiceId: row.invoice_id,
    jws: row.jws ?? '',
    digest: row.digest,
    proof: null,
    signedAt: timeOfUuidV7(row.invoice_id) ?? 0,
    saleAmount: 0,
    notices: [FETCHED_NOTICE],
    state: row.state,
    cause: null,
    detail: null,
    deferred: false,
    failures: 0,
    failedAt: null,
    receipt: row.receipt,
    code: row.code,
    warnings: JSON.parse(row.warnings) as Warning[],
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    concludedAt: null,
  };
}
