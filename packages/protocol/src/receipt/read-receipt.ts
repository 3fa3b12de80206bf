import type { KeyObject } from 'node:crypto';
import type { Invoice } from '../invoice/invoice-schema.js';
import { decodeUtf8, parseJsonWithUniqueNames } from '../json/exact-json.js';
import { hasClosedHeader, parseCompactJws, signCompactJws, verifyCompactJws } from '../jws/compact-jws.js';
import { publicKeyFromJwk } from '../keys/thumbprint.js';
import type { PublicKey } from '../parameters/parameters.js';
import { parseCode } from '../code/code.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import { utcSeconds } from '../time.js';
import { type Receipt, RECEIPT_FAULTS, type ReceiptFault, receiptSchema } from './receipt.js';

/** `typ` of a receipt's header; beside it and `alg` there is `kid`, the thumbprint of a trusted key. */
export const RECEIPT_TYPE = 'receipt+jws';

export type ReceiptReading =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly fault: ReceiptFault; readonly detail: string };

const receiptShape = validator<Receipt>(tolerant(receiptSchema));

/** Parsed keys by the object that listed them: a till reads many receipts by one document of parameters. */
const parsedKeys = new WeakMap<PublicKey, KeyObject | null>();

/** Signs a receipt. ECDSA is random: only keeping what comes out gives the same receipt again. */
export function signReceipt(receipt: Receipt, key: KeyObject, kid: string): string {
  return signCompactJws({ typ: RECEIPT_TYPE, kid }, JSON.stringify(receipt), key);
}

/**
 * Reads a receipt that one of the trusted keys signed. It is then genuine, but perhaps of another invoice:
 * ask {@link receiptDifferences} next. Members that a later server adds are passed over.
 */
export function readReceipt(text: string, trustedKeys: readonly PublicKey[]): ReceiptReading {
  const jws = parseCompactJws(text);
  if (jws === null) return refused('receipt_not_jws');
  if (!hasClosedHeader(jws, RECEIPT_TYPE, 'kid')) return refused('receipt_header_not_allowed');
  const listed = trustedKeys.find(({ kid }) => kid === jws.header['kid']);
  if (listed === undefined) return refused('receipt_key_not_listed');
  const key = keyOf(listed);
  if (key === null || !verifyCompactJws(jws, key)) return refused('receipt_signature_does_not_fit');
  const content = decodeUtf8(jws.payload);
  const parsed = content === null ? null : parseJsonWithUniqueNames(content);
  if (parsed === null || !receiptShape.accepts(parsed.value)) return refused('receipt_malformed');
  const receipt = parsed.value;
  const code = parseCode(receipt.code);
  if (code === null || code.environment !== receipt.environment) return refused('receipt_code_malformed');
  return { ok: true, receipt };
}

/** Members in which a receipt differs from the invoice that it shall be of; none when it fits. */
export function receiptDifferences(receipt: Receipt, invoice: Invoice, digest: string): string[] {
  const expected: Partial<Receipt> = {
    invoiceDigest: digest,
    taxpayerId: invoice.taxpayerId,
    premisesId: invoice.premisesId,
    terminalId: invoice.terminalId,
    invoiceId: invoice.id,
    journalId: invoice.journalId,
    counter: invoice.counter,
    type: invoice.type,
    kind: invoice.kind,
    number: invoice.number,
    issuedAt: utcSeconds(invoice.issuedAt),
    currency: invoice.currency,
    total: invoice.total,
  };
  const members = Object.keys(expected) as (keyof Receipt)[];
  return members.filter((member) => receipt[member] !== expected[member]);
}

/** Whether a receipt is of this invoice. */
export function receiptFits(receipt: Receipt, invoice: Invoice, digest: string): boolean {
  return receiptDifferences(receipt, invoice, digest).length === 0;
}

function keyOf(listed: PublicKey): KeyObject | null {
  const known = parsedKeys.get(listed);
  if (known !== undefined) return known;
  const key = publicKeyFromJwk(listed);
  parsedKeys.set(listed, key);
  return key;
}

function refused(fault: ReceiptFault): ReceiptReading {
  return { ok: false, fault, detail: RECEIPT_FAULTS[fault] };
}
