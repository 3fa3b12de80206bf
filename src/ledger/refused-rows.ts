import type { Door, ProblemCode } from '@tax-control/protocol';
import type { Slice } from '../registry/registry-lists.js';
import type { Queryable } from './queryable.js';

/** A refused invoice on file. `digest`: hexadecimal SHA-256 of the bytes as sent. */
export interface RefusedRow {
  readonly refusedId: string;
  readonly terminalId: string;
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly counter: number | null;
  readonly door: Door;
  readonly cause: ProblemCode;
  readonly detail: string;
  /** JSON Pointers of the places in the payload that were wrong; none: the whole, or stored by an earlier version. */
  readonly pointers: readonly string[];
  readonly digest: string;
  readonly refusedAt: Date;
}

/** With the bytes that were sent; none where retention removed them, or where only the facts were kept from the first. */
export interface RefusedBody extends RefusedRow {
  readonly body: Buffer;
  readonly bytes: 'kept' | 'removed' | 'not_kept';
}

/** Which refused invoices; `terminalIds` null: of any terminal. Times of refusal, RFC 3339. */
export interface RefusedCriteria {
  readonly terminalIds: readonly string[] | null;
  readonly from: string;
  readonly to: string;
}

const COLUMNS = `refused_id, terminal_id, invoice_id, journal_id, counter, door, cause, detail, pointers, digest, refused_at`;

/** The time alone, which the index takes, and the id where several have the same. */
const AFTER = `($6::bigint IS NULL OR (
  refused_at <= (SELECT refused_at FROM refused_invoice WHERE refused_id = $6)
  AND (refused_at, refused_id) < ((SELECT refused_at FROM refused_invoice WHERE refused_id = $6), $6)))`;

/** Refused invoices of a period, the newest first. */
export async function listRefused(
  client: Queryable,
  { terminalIds, from, to }: RefusedCriteria,
  { offset, limit, after }: Slice,
): Promise<RefusedRow[]> {
  const { rows } = await client.query<RefusedRecord>(
    `SELECT ${COLUMNS} FROM refused_invoice
     WHERE refused_at >= $1 AND refused_at < $2 AND ($3::text[] IS NULL OR terminal_id = ANY ($3)) AND ${AFTER}
     ORDER BY refused_at DESC, refused_id DESC OFFSET $4 LIMIT $5`,
    [from, to, terminalIds, offset, limit, after],
  );
  return rows.map(rowOf);
}

/** Refused invoices of a period with their bytes, by id, from behind `afterId`. */
export async function readRefusedBodies(
  client: Queryable,
  { terminalIds, from, to }: RefusedCriteria,
  afterId: string,
  limit: number,
): Promise<RefusedBody[]> {
  const { rows } = await client.query<RefusedRecord & Pick<RefusedBody, 'body' | 'bytes'>>(
    `SELECT ${COLUMNS}, body, CASE WHEN NOT is_kept_whole THEN 'not_kept' WHEN body_removed_at IS NULL THEN 'kept' ELSE 'removed' END AS bytes FROM refused_invoice
     WHERE refused_at >= $1 AND refused_at < $2 AND ($3::text[] IS NULL OR terminal_id = ANY ($3)) AND refused_id > $4
     ORDER BY refused_id LIMIT $5`,
    [from, to, terminalIds, afterId, limit],
  );
  return rows.map((row) => ({ ...rowOf(row), body: row.body, bytes: row.bytes }));
}

interface RefusedRecord {
  readonly refused_id: string;
  readonly terminal_id: string;
  readonly invoice_id: string | null;
  readonly journal_id: string | null;
  readonly counter: string | null;
  readonly door: Door;
  readonly cause: ProblemCode;
  readonly detail: string;
  readonly pointers: readonly string[];
  readonly digest: Buffer;
  readonly refused_at: Date;
}

function rowOf(row: RefusedRecord): RefusedRow {
  return {
    refusedId: row.refused_id,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    journalId: row.journal_id,
    counter: row.counter === null ? null : Number(row.counter),
    door: row.door,
    cause: row.cause,
    detail: row.detail,
    pointers: row.pointers,
    digest: row.digest.toString('hex'),
    refusedAt: row.refused_at,
  };
}
