import { type Holding, parseCode, parseCompactJws, problem, type Problem, type Receipt } from '@tax-control/protocol';
import { authenticateInvoice, type SendingTerminal } from '../issuance/authenticate-invoice.js';
import type { AuthenticInvoice, GivenReceipt } from '../issuance/authentic-invoice.js';
import { ledgerFacts } from '../issuance/draft-invoices.js';
import type { InvoiceReader } from '../issuance/reading/read-invoices.js';
import type { KeyRing } from '../keys/key-ring.js';
import { payloadOfReceipt, readOwnReceipt } from '../ledger/read-own-receipt.js';
import { receiptOfRow } from '../ledger/receipt-of-row.js';

/** An invoice and the receipt that this server gave for it, both genuine and of each other. */
export type GivenInvoice = AuthenticInvoice & { readonly given: GivenReceipt };

export type HoldingReading =
  { readonly ok: true; readonly invoice: GivenInvoice } | { readonly ok: false; readonly problem: Problem };

/** What a holding is checked by: every key that ever signed receipts, and the MAC keys of all ranges. */
export type HoldingKeys = Pick<KeyRing, 'environment' | 'trustedKeys' | 'macKeyFor'>;

/**
 * Reads a holding in the catalogue's order of precedence: the receipt is this server's own, of this environment; the invoice is its terminal's and in
 * order by itself; and the receipt that this server would give for it, made anew from the invoice, the number and the time, is the one presented,
 * byte for byte. Nothing here depends on what is on file but the terminal's registration.
 */
export async function readHolding(
  { invoice, receipt: text }: Holding,
  terminal: SendingTerminal,
  keys: HoldingKeys,
  reader: InvoiceReader,
): Promise<HoldingReading> {
  const read = readOwnReceipt(text, keys);
  if (!read.ok) return refused(read.problem);
  const { receipt } = read;
  const jws = parseCompactJws(text);
  const code = parseCode(receipt.code);
  if (jws === null || code === null) throw new Error('a receipt that was read is no receipt');
  // Whether it was resumed nobody knows any more; then its age says nothing about its till's clock.
  const arrival = { door: receipt.door, at: Date.parse(receipt.registeredAt), attemptId: null, isResumed: true };
  const authentication = await authenticateInvoice(reader, invoice, terminal, arrival);
  if (!authentication.ok) return refused(authentication.problem);
  const given: GivenReceipt = {
    sequence: code.sequence,
    code: receipt.code,
    registeredAt: receipt.registeredAt,
    receiptKey: String(jws.header['kid']),
    receipt: text,
    receiptSignature: jws.signature,
  };
  const differences = differencesOf(authentication.authentic, given, receipt, keys);
  if (differences !== null) return refused(problem('receipt_of_other_invoice', { detail: differences }));
  return { ok: true, invoice: { ...authentication.authentic, given } };
}

/** The members of the receipt that would be others if it were of this invoice, as a sentence; null: it is. */
function differencesOf(
  authentic: AuthenticInvoice,
  given: GivenReceipt,
  receipt: Receipt,
  keys: HoldingKeys,
): string | null {
  const facts = ledgerFacts(authentic, given.sequence, keys.macKeyFor(given.sequence), given);
  const expected = receiptOfRow({ ...facts, receiptSignature: given.receiptSignature });
  if (expected === given.receipt) return null;
  const own = payloadOfReceipt(expected);
  const names = Object.keys(receipt).filter((name) => own?.[name] !== receipt[name as keyof Receipt]);
  return `Of this invoice the receipt would have ${names.length === 0 ? 'other bytes' : `another ${names.join(', ')}`}.`;
}

function refused(found: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: found };
}
