import type { Problem } from '@tax-control/protocol';
import type { HandedInvoice, HandedResult } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import type { FileInvoice } from './read-journal-file.js';

/** Invoices of one statement, and about how many bytes: a usual till's page is 2 MB. */
export const PAGE_INVOICES_MAX = 500;
export const PAGE_BYTES_MAX = 4_000_000;

/** Stores a page of a journal's invoices. Not idempotent: a line is stored once. */
export async function addHandedInvoices(sql: Sql, handedId: number, page: readonly FileInvoice[]): Promise<void> {
  if (page.length === 0) return;
  await sql.query(
    `INSERT INTO handed_invoice
       (handed_id, line, invoice_id, journal_id, counter, digest, previous_digest, invoice, receipt, has_receipt)
     SELECT $1, line, invoice_id, journal_id, counter, decode(digest, 'hex'), decode(previous_digest, 'hex'), invoice, receipt,
       receipt IS NOT NULL
     FROM unnest($2::integer[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
       AS page (line, invoice_id, journal_id, counter, digest, previous_digest, invoice, receipt)`,
    [
      handedId,
      page.map(({ line }) => line),
      page.map(({ invoiceId }) => invoiceId),
      page.map(({ journalId }) => journalId),
      page.map(({ counter }) => counter),
      page.map(({ digest }) => digest.toString('hex')),
      page.map(({ previousDigest }) => previousDigest?.toString('hex') ?? null),
      page.map(({ invoice }) => invoice),
      page.map(({ receipt }) => receipt),
    ],
  );
}

/** An invoice that waits to be taken in. */
export interface WaitingLine {
  readonly line: number;
  readonly invoice: string;
  readonly receipt: string | null;
}

/**
 * The next invoices of a journal without a result, in the order of the file: all with a receipt or all without, and of so many characters
 * together, but one at least.
 */
export async function nextLines(
  sql: Sql,
  handedId: number,
  { count, characters }: { readonly count: number; readonly characters: number },
): Promise<WaitingLine[]> {
  const { rows } = await sql.query<WaitingLine>(
    `SELECT line, invoice, receipt
     FROM (
       SELECT line, invoice, receipt, row_number() OVER before AS place,
         sum(octet_length(invoice) + coalesce(octet_length(receipt), 0)) OVER before AS characters,
         bool_and(has_receipt) OVER before = bool_or(has_receipt) OVER before AS alike
       FROM (
         SELECT line, invoice, receipt, has_receipt FROM handed_invoice WHERE handed_id = $1 AND result IS NULL ORDER BY line LIMIT $2
       ) AS next
       WINDOW before AS (ORDER BY line)
     ) AS measured
     WHERE alike AND (characters <= $3 OR place = 1) ORDER BY line`,
    [handedId, count, characters],
  );
  return rows;
}

/** What became of a line. `code`: where it has one. */
export interface LineResult {
  readonly line: number;
  readonly result: HandedResult;
  readonly code: string | null;
  readonly warnings: readonly string[];
  readonly problem: Problem | null;
}

/** Keeps results with their lines. What is on file elsewhere is taken away from the line. Idempotent: a line that has its result keeps it. */
export async function keepResults(sql: Sql, handedId: number, results: readonly LineResult[]): Promise<void> {
  await sql.query(
    `UPDATE handed_invoice AS kept
     SET result = told.result, code = told.code, problem = told.problem, ended_at = now(),
       warnings = ARRAY(SELECT jsonb_array_elements_text(told.warnings)),
       invoice = CASE WHEN told.problem IS NOT NULL THEN kept.invoice END,
       receipt = CASE WHEN told.problem IS NOT NULL THEN kept.receipt END
     FROM unnest($2::integer[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[]) AS told (line, result, code, warnings, problem)
     WHERE kept.handed_id = $1 AND kept.line = told.line AND kept.result IS NULL`,
    [
      handedId,
      results.map(({ line }) => line),
      results.map(({ result }) => result),
      results.map(({ code }) => code),
      results.map(({ warnings }) => JSON.stringify(warnings)),
      results.map(({ problem }) => (problem === null ? null : storable(problem))),
    ],
  );
}

/** What Postgres does not take in JSON: a member's name in a detail may be anything. */
const NOT_ALLOWED = /[\p{Cc}\p{Cs}]/gu;

function storable(problem: Problem): string {
  return JSON.stringify(problem, (_name, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(NOT_ALLOWED, '\u{FFFD}') : value,
  );
}

/** Lets what was deferred be tried again. @returns how many */
export async function reopenDeferred(sql: Sql, handedId: number): Promise<number> {
  const { rowCount } = await sql.query(
    `UPDATE handed_invoice SET result = NULL, problem = NULL, ended_at = NULL WHERE handed_id = $1 AND result = 'deferred'`,
    [handedId],
  );
  return rowCount ?? 0;
}

/** Invoices of a journal, in the order of the file. */
export interface LinesWanted {
  /** Only those of which this became; null: all. */
  readonly result: HandedResult | null;
  /** Only lines behind this one. */
  readonly after: number;
  /** Of these, so many are passed over. */
  readonly offset?: number;
  readonly limit: number;
}

export async function listHandedInvoices(
  sql: Sql,
  handedId: number,
  { result, after, offset = 0, limit }: LinesWanted,
): Promise<HandedInvoice[]> {
  const { rows } = await sql.query<
    Omit<HandedInvoice, 'counter' | 'warnings'> & { counter: string | null; warnings: string[] | null }
  >(
    `SELECT line, invoice_id AS "invoiceId", journal_id AS "journalId", counter, result, code, warnings, problem
     FROM handed_invoice WHERE handed_id = $1 AND ($2::text IS NULL OR result = $2) AND line > $3 ORDER BY line OFFSET $4 LIMIT $5`,
    [handedId, result, after, offset, limit],
  );
  return rows.map((row) => ({
    ...row,
    counter: row.counter === null ? null : Number(row.counter),
    warnings: row.warnings ?? [],
  }));
}
