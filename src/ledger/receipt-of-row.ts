import { type KeyObject, sign } from 'node:crypto';
import type { Receipt } from '@tax-control/protocol';
import type { LedgerFacts, LedgerRow } from './ledger-row.js';

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
    issuedAt: row.issuedAt,
    currency: row.currency,
    total: row.total,
    door: row.door,
    registeredAt: row.registeredAt,
  };
}

/** A receipt that was just signed: the signature as it is stored, and the compact JWS as it is given. */
export interface SealedReceipt {
  readonly receiptSignature: Buffer;
  readonly receipt: string;
}

/**
 * Signs the receipt of these facts (ES256). ECDSA is random, so the receipt is the same for ever only because its signature is stored.
 * Not aside of the event loop as signatures are verified: signing takes 20 µs, and handing it to another thread as long again.
 */
export function sealReceipt(facts: LedgerFacts, key: KeyObject): SealedReceipt {
  const input = signingInput(facts);
  const receiptSignature = sign('sha256', Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' });
  return { receiptSignature, receipt: compactJws(input, receiptSignature) };
}

/**
 * The receipt of a row as compact JWS (typ receipt+jws), byte for byte the same whenever it is asked for: what was signed at first is
 * made from the facts by the same function.
 */
export function receiptOfRow(row: LedgerRow): string {
  return compactJws(signingInput(row), row.receiptSignature);
}

function signingInput(facts: LedgerFacts): string {
  const header = JSON.stringify({ alg: 'ES256', typ: 'receipt+jws', kid: facts.receiptKey });
  return `${encoded(header)}.${encoded(JSON.stringify(receiptOfFacts(facts)))}`;
}

function compactJws(input: string, signature: Buffer): string {
  return `${input}.${signature.toString('base64url')}`;
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
