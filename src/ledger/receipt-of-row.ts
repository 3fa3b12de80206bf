import { type KeyObject, sign } from 'node:crypto';
import type { Receipt } from '@tax-control/protocol';
import type { LedgerFacts, LedgerRow } from './ledger-row.js';

/** In milliseconds: what is left of a time when its fraction of a second is cut off. */
const SECOND_MS = 1000;

/**
 * Payload of the receipt of these facts. The order of the members is part of the format: the text is what is signed, and it
 * must come out the same in every later version for as long as its `receiptVersion` stands on file.
 */
export function receiptOfFacts(row: LedgerFacts): Receipt {
  return {
    receiptVersion: 1,
    environment: row.code.startsWith('9') ? 'test' : 'production',
    code: row.code,
    invoiceDigest: row.digest.toString('base64url'),
    taxpayerId: row.taxpayerId,
    premisesId: row.premisesId,
    terminalId: row.terminalId,
    invoiceId: row.invoiceId,
    journalId: row.journalId,
    counter: row.counter,
    type: row.type,
    kind: row.kind,
    number: row.number,
    issuedAt: utcSeconds(row.issuedAt),
    currency: row.currency,
    total: row.total,
    door: row.door,
    registeredAt: new Date(row.registeredAt).toISOString(),
  };
}

/** Signs the receipt of these facts; 64 bytes (ES256). ECDSA is random: only the stored signature gives the same receipt again. */
export function signReceipt(row: LedgerFacts, key: KeyObject): Buffer {
  return sign('sha256', Buffer.from(signingInput(row), 'latin1'), { key, dsaEncoding: 'ieee-p1363' });
}

/**
 * The receipt of a row as compact JWS (typ receipt+jws), byte for byte the same whenever it is asked for. It is made by this
 * function the first time too, so that a resend cannot differ.
 */
export function receiptOfRow(row: LedgerRow): string {
  return `${signingInput(row)}.${row.receiptSignature.toString('base64url')}`;
}

function signingInput(row: LedgerFacts): string {
  return `${encodedHeader(row.receiptKey)}.${Buffer.from(JSON.stringify(receiptOfFacts(row)), 'utf8').toString('base64url')}`;
}

/** Time in UTC to the second, as receipts and the code's MAC spell it: 2026-11-22T18:30:00Z. */
export function utcSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}

/** Cuts a time off to whole seconds, towards the past. */
export function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS) * SECOND_MS;
}

function encodedHeader(kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'receipt+jws', kid }), 'utf8').toString('base64url');
}
