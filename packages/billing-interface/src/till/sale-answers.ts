import {
  type Invoice,
  parseCompactJws,
  problem,
  PROOF_MEMBER,
  readStoredInvoice,
  type Receipt,
} from '@tax-control/protocol';
import type { SaleError, SaleErrorCode, SaleFacts, SaleIssued, SaleRefused, SaleStoredOffline } from '../api.js';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';
import type { ParameterShelf } from '../parameters/parameter-shelf.js';
import { adviceFor } from './advice.js';
import { noticesOf } from './notices.js';
import { judgeLimits } from './offline-limits.js';
import type { WaitingTime } from './waiting-time.js';

export type SignedSale = SaleIssued | SaleStoredOffline | SaleRefused;

/** Characters of the signature that are printed: 72 bits, enough to find the one bytes that bear it, short enough to type. */
const SIGNATURE_MARK_LENGTH = 12;

/** Answers to the MIS from what the journal says. The journal's own signatures were verified when it was written. */
export class SaleAnswers {
  constructor(
    private readonly journal: Journal,
    private readonly shelf: ParameterShelf,
    private readonly waitingTime: WaitingTime,
  ) {}

  answer(entry: JournalEntry): SignedSale {
    if (entry.state === 'issued') return this.#issued(entry);
    if (entry.state === 'waiting') return this.#storedOffline(entry);
    return { ...this.#facts(entry), result: 'refused', problem: entry.problem ?? problem('internal_error') };
  }

  #issued(entry: JournalEntry): SaleIssued {
    const { receipt: receiptJws, code } = entry;
    if (receiptJws === null || code === null) throw new Error('an issued entry has a receipt and a code');
    const receipt = payloadOf(receiptJws) as Receipt;
    return {
      ...this.#facts(entry),
      result: 'issued',
      environment: receipt.environment,
      qrText: `${this.#verificationUrl()}/v/${code}`,
      code,
      receipt,
      receiptJws,
      warnings: entry.warnings,
    };
  }

  #storedOffline(entry: JournalEntry): SaleStoredOffline {
    const cause = entry.cause ?? 'till_restarted';
    const limitWarning = this.#limitWarning();
    const facts = this.#facts(entry);
    return {
      ...facts,
      result: 'stored_offline',
      ...(entry.proof !== null && { qrText: `${facts.qrText}?${PROOF_MEMBER}=${entry.proof}` }),
      cause,
      detail: adviceFor(cause, entry.detail),
      ...(limitWarning !== null && { limitWarning }),
    };
  }

  #facts(entry: JournalEntry): SaleFacts {
    const invoice = invoiceOf(entry.jws);
    const { terminalId, id, counter } = invoice;
    const notices = [...noticesOf(invoice), ...entry.notices];
    return {
      saleId: entry.saleId,
      terminalId,
      invoiceId: id,
      counter,
      invoice,
      environment: this.shelf.current?.environment ?? 'production',
      qrText: `${this.#verificationUrl()}/v/${terminalId}/${id}`,
      signatureMark: entry.jws.slice(entry.jws.lastIndexOf('.') + 1).slice(0, SIGNATURE_MARK_LENGTH),
      ...(notices.length > 0 && { notices }),
    };
  }

  #verificationUrl(): string {
    return this.shelf.current?.verificationUrl.replace(/\/+$/, '') ?? '';
  }

  #limitWarning(): string | null {
    const parameters = this.shelf.current;
    if (parameters === null) return null;
    const backlog = this.journal.tryRead(() => this.journal.invoices.backlog());
    if (backlog === null) return null;
    const verdict = judgeLimits(parameters.offlineLimits, backlog, 0, this.waitingTime.nowFor(backlog));
    return verdict.state === 'within' ? null : verdict.sentence;
  }
}

/** An answer without an invoice: the sale did not happen. */
export function saleError(
  saleId: string,
  result: SaleErrorCode,
  detail: string,
  reason?: SaleError['problem'],
): SaleError {
  return { result, saleId, detail, ...(reason !== undefined && { problem: reason }) };
}

/** Payload of a signed invoice from the journal, which takes none that was not judged before. */
export function invoiceOf(jws: string): Invoice {
  return payloadOf(jws) as Invoice;
}

function payloadOf(jws: string): unknown {
  const payload = parseCompactJws(jws)?.payload;
  if (payload === undefined) throw new Error('the journal holds only what could be read');
  return readStoredInvoice(payload);
}
