import { X509Certificate } from 'node:crypto';
import {
  digestOf,
  type Invoice,
  isIssuedBy,
  type JournalInvoice,
  type PublicKey,
  readInvoiceJws,
  readInvoicePayload,
  readReceipt,
  readStoredInvoice,
  receiptDifferences,
  verifyCompactJws,
} from '@tax-control/protocol';
import type { FetchedInvoice } from '../journal/fetched-store.js';

/** What an invoice that came back is judged by. */
export interface LostFacts {
  readonly terminalId: string;
  readonly journalId: string;
  readonly trustedKeys: readonly PublicKey[];
  readonly authorities: readonly X509Certificate[];
  /** Certificate of this till with a thumbprint; null: none is known. */
  readonly certificate: (thumbprint: string) => X509Certificate | null;
}

export type LostVerdict =
  | { readonly ok: true; readonly invoice: FetchedInvoice }
  /** One sentence: why the server is not believed. */
  | { readonly ok: false; readonly detail: string };

/**
 * Judges what the server says to have of a lost journal. An issued invoice is believed when the receipt is signed by a trusted key and of this
 * invoice, and a certificate of a trusted authority signed the invoice. Of a refused one the server has no proof: its bytes are taken
 * when this till signed them, otherwise the fact alone. Pure.
 */
export function judgeLost(item: JournalInvoice, facts: LostFacts): LostVerdict {
  return 'problem' in item ? { ok: true, invoice: refusedOf(item, facts) } : judgeIssued(item, facts);
}

function judgeIssued(item: Extract<JournalInvoice, { receipt: string }>, facts: LostFacts): LostVerdict {
  const { counter, warnings } = item;
  const read = readReceipt(item.receipt, facts.trustedKeys);
  if (!read.ok) return unbelievable(counter, read.detail);
  const { receipt } = read;
  if (receipt.terminalId !== facts.terminalId || receipt.journalId !== facts.journalId || receipt.counter !== counter)
    return unbelievable(counter, 'The receipt is of another place.');
  const outcome = { state: 'issued', receipt: item.receipt, code: receipt.code, warnings: [...warnings] } as const;
  const place = { journalId: facts.journalId, counter };
  if (item.invoice === null) {
    const { invoiceId, invoiceDigest: digest } = receipt;
    return { ok: true, invoice: { ...place, invoiceId, digest, jws: null, outcome } };
  }
  const signed = readOwn(item.invoice, facts);
  if (!signed.ok) return unbelievable(counter, signed.detail);
  const differences = receiptDifferences(receipt, signed.invoice, signed.digest);
  if (differences.length > 0)
    return unbelievable(counter, `The receipt is of another invoice: ${differences.join(', ')} differ.`);
  const { digest, invoice } = signed;
  return { ok: true, invoice: { ...place, invoiceId: invoice.id, digest, jws: item.invoice, outcome } };
}

function refusedOf(
  { counter, invoice: jws, problem }: Extract<JournalInvoice, { problem: unknown }>,
  facts: LostFacts,
): FetchedInvoice {
  const { journalId, terminalId } = facts;
  const outcome = { state: 'refused', problem } as const;
  const signed = jws === null ? null : readOwn(jws, facts);
  if (signed?.ok !== true || !isAt(signed.invoice, { journalId, terminalId, counter }))
    return { journalId, counter, invoiceId: '', digest: `counter ${counter} of ${journalId}`, jws: null, outcome };
  const { digest, invoice } = signed;
  return { journalId, counter, invoiceId: invoice.id, digest, jws, outcome };
}

type OwnReading =
  | { readonly ok: true; readonly invoice: Invoice; readonly digest: string }
  | { readonly ok: false; readonly detail: string };

/** An invoice whose signature fits a certificate of this till. */
function readOwn(jws: string, { authorities, certificate }: LostFacts): OwnReading {
  const opened = readInvoiceJws(jws);
  if (!opened.ok) return { ok: false, detail: opened.problem.title };
  const signer = certificate(opened.signerThumbprint);
  if (signer === null || !isIssuedBy(signer, [], authorities))
    return { ok: false, detail: 'No certificate of a trusted authority is known for its signer.' };
  if (!verifyCompactJws(opened.jws, signer.publicKey)) return { ok: false, detail: 'The signature does not fit.' };
  const { payload } = opened.jws;
  const read = readInvoicePayload(payload);
  if (!read.ok) return { ok: false, detail: read.problem.title };
  return { ok: true, invoice: readStoredInvoice(payload), digest: digestOf(payload) };
}

function isAt(invoice: Invoice, place: Pick<Invoice, 'journalId' | 'terminalId' | 'counter'>): boolean {
  const { journalId, terminalId, counter } = place;
  return invoice.journalId === journalId && invoice.terminalId === terminalId && invoice.counter === counter;
}

function unbelievable(counter: number, detail: string): LostVerdict {
  return { ok: false, detail: `counter ${counter}: ${detail}` };
}
