import { type InvoiceKind, type InvoiceType, readStoredInvoice } from '@tax-control/protocol';
import type { ReceiptProof } from '@tax-control/protocol/console';
import { takenBackSql } from './originals.js';
import type { Queryable } from './queryable.js';

/**
 * What is on file of one invoice, as far as a customer who holds its receipt may learn it.
 * @property total smallest unit of `currency`
 * @property soldAt as the till wrote it, with its offset (RFC 3339); null where only the ledger is left
 * @property registeredAt null where only the print of the receipt is known
 * @property knownBy a customer's receipt, or its print, that is all there is (docs/decisions/0048); null: the invoice itself is on file
 * @property isVoided a later invoice of the same taxpayer takes it back as a whole, and was not voided itself
 */
export interface PublicRecord {
  readonly code: string;
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly issuedAt: Date;
  readonly soldAt: string | null;
  readonly registeredAt: Date | null;
  readonly knownBy: ReceiptProof | null;
  readonly total: number;
  readonly currency: string;
  readonly isVoided: boolean;
}

interface Row {
  readonly code: string;
  readonly terminal_id: string;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly issued_at: Date;
  readonly registered_at: Date | null;
  readonly known_by: ReceiptProof | null;
  readonly total: string;
  readonly currency: string;
  readonly payload: Buffer | null;
  readonly is_voided: boolean;
}

const SELECT = `
SELECT NULL AS known_by, code, terminal_id, taxpayer_id, premises_id, type, kind, issued_at, registered_at, total, currency,
       (SELECT payload FROM content
        WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at) AS payload,
       (SELECT voids > 0 FROM ${takenBackSql("type IN ('normal', 'advance')")}) AS is_voided
FROM ledger`;

/** The same of a receipt that is all there is. A void names its original by its identity, so one of a mere print is not found. */
const SELECT_ALONE = `
SELECT known_by, code, terminal_id, taxpayer_id, premises_id, type, kind, issued_at, registered_at, total, currency, NULL AS payload,
       (SELECT voids > 0 FROM ${takenBackSql("type IN ('normal', 'advance')")}) AS is_voided
FROM receipt_alone AS ledger`;

/** The invoice of a code, all 20 digits of it: a right number with other digits behind it is not on file. */
export async function findByCode(sql: Queryable, sequence: number, code: string): Promise<PublicRecord | null> {
  const condition = 'WHERE sequence = $1 AND code = $2';
  return firstOf(sql, [`${SELECT} ${condition}`, `${SELECT_ALONE} ${condition}`], [sequence, code]);
}

/** The invoice with this identity. @param invoiceId UUID */
export async function findByIdentity(
  sql: Queryable,
  terminalId: string,
  invoiceId: string,
): Promise<PublicRecord | null> {
  const condition = 'WHERE terminal_id = $1 AND invoice_id = $2';
  // The view is read by code, and by nothing else without reading it whole.
  const ofCode = `code = (SELECT code FROM known_receipt ${condition} LIMIT 1)`;
  return firstOf(
    sql,
    [`${SELECT} ${condition}`, `${SELECT_ALONE} ${condition} AND ${ofCode}`],
    [terminalId, invoiceId],
  );
}

async function firstOf(
  sql: Queryable,
  selects: readonly string[],
  values: readonly [string | number, string],
): Promise<PublicRecord | null> {
  for (const select of selects) {
    const { rows } = await sql.query<Row>(select, [...values]);
    if (rows[0] !== undefined) return fromRow(rows[0]);
  }
  return null;
}

/** Whether an invoice of this identity was refused. What it claimed counts, whatever it was refused for. */
export async function isRefused(sql: Queryable, terminalId: string, invoiceId: string): Promise<boolean> {
  const { rows } = await sql.query('SELECT FROM refused_invoice WHERE terminal_id = $1 AND invoice_id = $2 LIMIT 1', [
    terminalId,
    invoiceId,
  ]);
  return rows.length > 0;
}

/** The code of the invoice that corrects a refused one; the newest where several say so, null where none does. */
export async function findSuperseding(sql: Queryable, terminalId: string, invoiceId: string): Promise<string | null> {
  const { rows } = await sql.query<{ code: string }>(
    `SELECT code FROM ledger WHERE supersedes_terminal_id = $1 AND supersedes_invoice_id = $2
     ORDER BY sequence DESC LIMIT 1`,
    [terminalId, invoiceId],
  );
  return rows[0]?.code ?? null;
}

function fromRow(row: Row): PublicRecord {
  return {
    code: row.code,
    terminalId: row.terminal_id,
    knownBy: row.known_by,
    taxpayerId: row.taxpayer_id,
    premisesId: row.premises_id,
    type: row.type,
    kind: row.kind,
    issuedAt: row.issued_at,
    soldAt: row.payload === null ? null : readStoredInvoice(row.payload).issuedAt,
    registeredAt: row.registered_at,
    total: Number(row.total),
    currency: row.currency,
    isVoided: row.is_voided,
  };
}
