import type { Environment, InvoiceKind, InvoiceType, OfflineFacts } from '@tax-control/protocol';
import type { ReceiptProof } from '@tax-control/protocol/console';
import type { Shop } from '../registry/taxpayers.js';

/** Which paper is asked about: by its code, or by what a receipt without code bears. Texts as they came. */
export type Paper =
  | { readonly by: 'code'; readonly code: string }
  | { readonly by: 'invoice'; readonly terminalId: string; readonly invoiceId: string };

/**
 * Everything that a customer learns with the right total.
 * @property soldAt as the paper has it (RFC 3339, with the shop's offset), or in UTC where that is not kept any more
 * @property contentRemovedAt when the lines were removed after their retention; null: they are on file
 * @property total smallest unit of `currency`
 * @property registeredAt null where only the print of the receipt is known
 */
export interface ConfirmedInvoice {
  readonly shop: Shop | null;
  readonly soldAt: string;
  readonly total: number;
  readonly currency: string;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly registeredAt: Date | null;
  readonly isVoided: boolean;
  readonly contentRemovedAt: Date | null;
}

/** What came of the total. `locked`: too many wrong ones, for this receipt or from this address. */
export type TotalCheck =
  | { readonly result: 'not_given' | 'unreadable' }
  | { readonly result: 'differs'; readonly triesLeft: number }
  | { readonly result: 'locked'; readonly retryAfterMs: number }
  | { readonly result: 'fits'; readonly invoice: ConfirmedInvoice };

/**
 * What came of the proof in a QR. `signed`: the terminal signed these facts; `forged`: it did not; `unknown`: there is none, or none by a
 * certificate that is on file and in order.
 */
export type ProofCheck =
  { readonly result: 'unknown' | 'forged' } | { readonly result: 'signed'; readonly facts: OfflineFacts };

/**
 * What the server says of a paper.
 * - `mistyped`: the check digits or the form are wrong; nothing was looked up
 * - `not_on_file`: written right, and no invoice has it; `environment` is the code's
 * - `on_file`: an invoice has it; `knownBy`: a customer's receipt is all that there is of it, null: the invoice itself
 * - `not_reported`: of a registered till, and not here yet; `offlineHoursMax`: how long that may take, null where it is not set
 * - `terminal_unknown`: of no registered till
 * - `refused`: the invoice was refused; `supersededBy`: code of the one that corrects it
 */
export type Finding =
  | { readonly standing: 'mistyped' | 'terminal_unknown' }
  | { readonly standing: 'not_on_file'; readonly environment: Environment }
  | {
      readonly standing: 'on_file';
      readonly code: string;
      readonly knownBy: ReceiptProof | null;
      readonly total: TotalCheck;
    }
  | { readonly standing: 'not_reported'; readonly offlineHoursMax: number | null; readonly proof: ProofCheck }
  | { readonly standing: 'refused'; readonly supersededBy: string | null };

export type Standing = Finding['standing'];

/** No answer, because too much was asked. */
export interface TooMany {
  readonly standing: 'too_many';
  readonly retryAfterMs: number;
}
