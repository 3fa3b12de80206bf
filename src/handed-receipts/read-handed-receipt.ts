import { parseCode, type Problem, problem, utcSeconds } from '@tax-control/protocol';
import type { ReceiptFacts } from '@tax-control/protocol/console';
import { codeMacFits } from '../keys/code-mac.js';
import type { KeyRing } from '../keys/key-ring.js';
import { readOwnReceipt } from '../ledger/read-own-receipt.js';

/** What a receipt is checked by: every key that ever signed receipts, and the MAC keys of all ranges. */
export type ReceiptKeys = Pick<KeyRing, 'environment' | 'trustedKeys' | 'macKeyFor'>;

/** What a paper shows beside its code. `code`: as typed; `soldAt`: RFC 3339 with its offset; `total`: smallest unit of `currency`. */
export type Print = Pick<ReceiptFacts, 'code' | 'terminalId' | 'counter' | 'type' | 'kind' | 'currency' | 'total'> & {
  readonly soldAt: string;
};

/** A receipt that was believed. `jws`, `digest`: null where only the print is known; `digest`: SHA-256 of the invoice, 32 bytes. */
export interface GenuineReceipt {
  readonly facts: ReceiptFacts;
  readonly sequence: number;
  readonly digest: Buffer | null;
  readonly jws: string | null;
}

export type GenuineReading =
  { readonly ok: true; readonly receipt: GenuineReceipt } | { readonly ok: false; readonly problem: Problem };

/** Reads a receipt as the server signed it (compact JWS). Line breaks and spaces around it or in it are no damage: mail programs make them. */
export function readSignedReceipt(text: string, keys: ReceiptKeys): GenuineReading {
  const jws = text.replaceAll(/\s/g, '');
  const read = readOwnReceipt(jws, keys);
  if (!read.ok) return read;
  const { receipt } = read;
  const code = parseCode(receipt.code);
  if (code === null || !codeMacFits(receipt, keys.macKeyFor(code.sequence)))
    return refused(problem('receipt_not_genuine', { detail: 'The MAC in its code does not fit.' }));
  const { taxpayerId, premisesId, terminalId, counter, type, kind, issuedAt, currency, total } = receipt;
  const { invoiceId, journalId, number, registeredAt } = receipt;
  const printed = {
    code: code.code,
    taxpayerId,
    premisesId,
    terminalId,
    counter,
    type,
    kind,
    issuedAt,
    currency,
    total,
  };
  const facts = { ...printed, knownBy: 'receipt', invoiceId, journalId, number, registeredAt } as const;
  const digest = Buffer.from(receipt.invoiceDigest, 'base64url');
  return { ok: true, receipt: { facts, sequence: code.sequence, digest, jws } };
}

/**
 * Reads what is printed on a receipt. The code's MAC covers taxpayer, terminal, counter, time, type, kind, currency and total.
 * @param place taxpayer and premises of the terminal, as it is registered for life
 */
export function readPrint(
  print: Print,
  place: Pick<ReceiptFacts, 'taxpayerId' | 'premisesId'>,
  keys: ReceiptKeys,
): GenuineReading {
  const parsed = parseCode(print.code);
  if (parsed === null) return refused(problem('code_mistyped'));
  if (parsed.environment !== keys.environment) return refused(problem('receipt_of_other_environment'));
  const { terminalId, counter, type, kind, currency, total, soldAt } = print;
  const { code, sequence } = parsed;
  const { taxpayerId, premisesId } = place;
  const issuedAt = utcSeconds(soldAt);
  const printed = { code, taxpayerId, premisesId, terminalId, counter, type, kind, issuedAt, currency, total };
  if (!codeMacFits(printed, keys.macKeyFor(sequence))) return refused(problem('print_does_not_fit'));
  const unknown = { invoiceId: null, journalId: null, number: null, registeredAt: null };
  return {
    ok: true,
    receipt: { facts: { ...printed, knownBy: 'print', ...unknown }, sequence, digest: null, jws: null },
  };
}

function refused(found: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: found };
}
