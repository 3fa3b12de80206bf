import type { Receipt } from '@tax-control/protocol';
import { sequenceDigits } from './code.js';
import { type LedgerRow, toSecond } from './stored-invoice.js';

/** Header and payload of the receipt that the row stands for, encoded: what the stored signature must fit. */
export function signedTextOfRow(row: LedgerRow, environment: Receipt['environment']): string {
  const header = { alg: 'ES256', typ: 'receipt+jws', kid: row.receipt_key };
  // The order of members is the order of the signed bytes.
  const payload = {
    receiptVersion: 1,
    environment,
    code: row.code,
    invoiceDigest: row.digest.toString('base64url'),
    taxpayerId: row.taxpayer_id,
    premisesId: row.premises_id,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    journalId: row.journal_id,
    counter: Number(row.counter),
    type: row.type,
    kind: row.kind,
    number: row.number,
    issuedAt: toSecond(row.issued_at),
    currency: row.currency,
    total: Number(row.total),
    door: row.door,
    registeredAt: row.registered_at.toISOString(),
  } satisfies Record<keyof Receipt, unknown>;
  return `${encode(header)}.${encode(payload)}`;
}

/** The receipt as compact JWS, as every till must have it. */
export function receiptOfRow(row: LedgerRow, environment: Receipt['environment']): string {
  return `${signedTextOfRow(row, environment)}.${row.receipt_signature.toString('base64url')}`;
}

/** Whether the code begins with its sequence number. */
export function codeNamesSequence(row: Pick<LedgerRow, 'code' | 'sequence'>): boolean {
  return row.code.startsWith(sequenceDigits(Number(row.sequence)));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
