import { utcSeconds } from '@tax-control/protocol';
import type { KnownReceipt, ReceiptFacts } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import type { GenuineReceipt } from './read-handed-receipt.js';

interface Row {
  readonly code: string;
  readonly known_by: KnownReceipt['knownBy'];
  readonly terminal_id: string;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly counter: string;
  readonly type: ReceiptFacts['type'];
  readonly kind: ReceiptFacts['kind'];
  readonly issued_at: Date;
  readonly currency: string;
  readonly total: string;
  readonly invoice_id: string | null;
  readonly journal_id: string | null;
  readonly number: string | null;
  readonly registered_at: Date | null;
  readonly taken_by: string;
  readonly reason: string;
  readonly taken_at: Date;
}

const COLUMNS = `code, known_by, terminal_id, taxpayer_id, premises_id, counter, type, kind, issued_at, currency, total, invoice_id, journal_id,
  number, registered_at, taken_by, reason, taken_at`;

/** Keeps a receipt. Idempotent by code, proof and invoice (index `known_receipt_once`). @returns null: it is kept already */
export async function addKnownReceipt(
  sql: Sql,
  { facts, sequence, digest, jws }: GenuineReceipt,
  act: { readonly takenBy: string; readonly reason: string },
): Promise<KnownReceipt | null> {
  const { rows } = await sql.query<Row>(
    `INSERT INTO known_receipt
       (sequence, code, known_by, terminal_id, taxpayer_id, premises_id, counter, type, kind, issued_at, currency, total, invoice_id, journal_id,
        number, digest, registered_at, receipt, taken_by, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [
      sequence,
      facts.code,
      facts.knownBy,
      facts.terminalId,
      facts.taxpayerId,
      facts.premisesId,
      facts.counter,
      facts.type,
      facts.kind,
      facts.issuedAt,
      facts.currency,
      facts.total,
      facts.invoiceId,
      facts.journalId,
      facts.number,
      digest,
      facts.registeredAt,
      jws,
      act.takenBy,
      act.reason,
    ],
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** The receipt of a code as it is kept, by this proof or by a better one; null: it is not. */
export async function findKnownReceipt(
  sql: Sql,
  { code, knownBy, invoiceId }: ReceiptFacts,
): Promise<KnownReceipt | null> {
  const { rows } = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM known_receipt
     WHERE code = $1 AND ($2 = 'print' OR (known_by = 'receipt' AND invoice_id = $3))
     ORDER BY known_by = 'receipt' DESC, known_id LIMIT 1`,
    [code, knownBy, invoiceId],
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** Receipts that are all that is known of their numbers, the newest hand-in first. @property terminalId null: of all */
export async function listReceiptsAlone(
  sql: Sql,
  { terminalId, limit }: { readonly terminalId: string | null; readonly limit: number },
): Promise<KnownReceipt[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM receipt_alone WHERE $1::text IS NULL OR terminal_id = $1 ORDER BY taken_at DESC, code LIMIT $2`,
    [terminalId, limit],
  );
  return rows.map(fromRow);
}

function fromRow(row: Row): KnownReceipt {
  return {
    code: row.code,
    knownBy: row.known_by,
    terminalId: row.terminal_id,
    taxpayerId: row.taxpayer_id,
    premisesId: row.premises_id,
    counter: Number(row.counter),
    type: row.type,
    kind: row.kind,
    issuedAt: utcSeconds(row.issued_at.toISOString()),
    currency: row.currency,
    total: Number(row.total),
    invoiceId: row.invoice_id,
    journalId: row.journal_id,
    number: row.number,
    registeredAt: row.registered_at?.toISOString() ?? null,
    takenBy: row.taken_by,
    reason: row.reason,
    takenAt: row.taken_at.toISOString(),
  };
}
