import type { ProblemCode } from '../catalogue/problems.js';
import type { JudgedWarning } from '../catalogue/warnings.js';
import type { Invoice, InvoiceKind, InvoiceType } from '../invoice/invoice-schema.js';
import { type Door, type Receipt, RECEIPT_FAULTS } from '../receipt/receipt.js';
import type { PageQuery } from './period.js';

/**
 * `POST /v1/console/invoices/searches`: a reason, and at least one thing to look for. A POST, so that what was looked for and
 * why stands in the audit trail and in no address line. `totalFrom`/`totalTo` are in the smallest unit, `from`/`to` are times of sale.
 */
export interface InvoiceSearch extends Partial<PageQuery> {
  readonly reason: string;
  readonly code?: string;
  readonly invoiceId?: string;
  readonly number?: string;
  readonly totalFrom?: number;
  readonly totalTo?: number;
  readonly currency?: string;
  readonly from?: string;
  readonly to?: string;
  readonly taxpayerId?: string;
  readonly premisesId?: string;
  readonly terminalId?: string;
  readonly kind?: InvoiceKind;
}

/** An invoice in a table: issued, or refused (then without code, and with its cause). */
export interface InvoiceRow {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly code: string;
  readonly number: string;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly issuedAt: string;
  readonly registeredAt: string;
  readonly door: Door;
  readonly currency: string;
  readonly total: number;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly journalId: string;
  readonly counter: number;
  readonly warnings: number;
}

/** `POST /v1/console/invoices/views`: one invoice with all that is known of it. */
export interface InvoiceViewRequest {
  readonly reason: string;
  readonly terminalId: string;
  readonly invoiceId: string;
}

/** What is verified about one invoice, each on its own, in this order. */
export const INVOICE_CHECKS = [
  'signature',
  'signer_of_terminal',
  'certificate_chain',
  'content_digest',
  'ledger_agrees',
  'receipt_signature',
  'code_mac',
  'code_check_digits',
  'previous_digest',
  'next_digest',
] as const;
export type InvoiceCheckName = (typeof INVOICE_CHECKS)[number];

/** Why a check came out as it did, with the sentence of the API; `{0}` and `{1}` are its facts. */
export const CHECK_REASONS = {
  signature_fits: 'The signature fits the signed bytes (ES256).',
  signature_does_not_fit: 'The signature does not fit the signed bytes.',
  signer_not_on_file: 'The certificate that signed is not on file.',
  signer_of_terminal: 'The certificate that signed was issued to this terminal.',
  signer_of_other_terminal: 'The certificate that signed was not issued to this terminal.',
  issuer_foreign: 'The certificate was not issued by this server’s authority.',
  outside_validity: 'The sale lies outside of the certificate’s validity ({0} to {1}).',
  issued_and_valid: 'Issued by this server’s authority, valid at the time of sale.',
  issued_then_revoked: 'Issued by this server’s authority, valid at the time of sale. It was revoked on {0}.',
  digest_is: 'The payload’s SHA-256 is {0}.',
  digest_differs: 'The payload’s SHA-256 is not the one in the ledger.',
  ledger_agrees: 'Ledger and receipt say what the signed invoice says.',
  ledger_differs: 'Ledger and signed invoice differ in: {0}.',
  receipt_signed: 'The receipt is signed by this server.',
  ...RECEIPT_FAULTS,
  mac_fits: 'The code’s MAC is that of the printed fields.',
  mac_does_not_fit: 'The code’s MAC is not that of the printed fields.',
  check_digits_fit: 'The check digits fit.',
  check_digits_do_not_fit: 'The check digits do not fit.',
  first_of_journal: 'It is the first of its journal and names no invoice before it.',
  first_names_another: 'It is the first of its journal, but names an invoice before it.',
  before_not_on_file: 'The invoice before it is not on file.',
  names_the_one_before: 'It names the digest of the invoice before it.',
  chain_broken_before: 'It does not name the digest of the invoice before it: the chain is broken here.',
  behind_not_on_file: 'No invoice behind it is on file.',
  named_by_the_next: 'The invoice behind it names its digest.',
  chain_broken_behind: 'The invoice behind it names another digest: the chain is broken here.',
  bytes_missing: 'The signed bytes are not on file, and no retention removed them. Tell the operator.',
  bytes_removed: 'The signed bytes were removed on {0}, after their retention.',
} as const;
export type CheckReason = keyof typeof CHECK_REASONS;

/**
 * `unknown`: cannot be told here (the bytes were deleted after their years, the neighbour is not on file).
 * @property facts what the sentence of the reason names, in order: instants (RFC 3339), digests, names of members
 * @property detail the sentence of the reason with its facts, in English
 */
export interface InvoiceCheck {
  readonly check: InvoiceCheckName;
  readonly result: 'holds' | 'fails' | 'unknown';
  readonly reason: CheckReason;
  readonly facts: readonly string[];
  readonly detail: string;
}

export interface InvoiceView extends InvoiceRow {
  /** Null when the content was removed after its retention. */
  readonly payload: Invoice | null;
  /** When retention removed the content; null where it is here, or is missing for another reason. */
  readonly contentRemovedAt: string | null;
  /** The invoice names a buyer, who is not shown any more: `payload` is without, and `signed` and `payloadText` are null. */
  readonly buyerWithheld: boolean;
  /** The compact JWS exactly as it was signed. */
  readonly signed: string | null;
  /** The signed payload as text: the very bytes, UTF-8. */
  readonly payloadText: string | null;
  readonly digest: string;
  readonly signer: string | null;
  readonly signerCertificate: string | null;
  readonly receipt: Receipt;
  readonly signedReceipt: string;
  readonly warningList: readonly JudgedWarning[];
  readonly checks: readonly InvoiceCheck[];
  /** What this one refunds, voids or supersedes, and what does so to it. */
  readonly related: readonly RelatedInvoice[];
}

/** `refers_to` may name a code alone: then there is no identity. */
export interface RelatedInvoice {
  readonly relation: InvoiceRelation;
  readonly terminalId: string | null;
  readonly invoiceId: string | null;
  readonly code: string | null;
}

export type InvoiceRelation = 'refers_to' | 'referred_to_by' | 'supersedes' | 'superseded_by';

/** `GET /v1/console/refused-invoices`: what was sent and never got a code. */
export interface RefusedInvoiceRow {
  readonly refusedId: string;
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly counter: number | null;
  readonly door: Door;
  readonly cause: ProblemCode;
  /** For the maker of the till, in English. */
  readonly detail: string;
  /** JSON Pointers of the places in the payload that were wrong; none: the whole, or stored by an earlier version. */
  readonly pointers: readonly string[];
  readonly digest: string;
  readonly refusedAt: string;
}

/** `GET /v1/console/currencies`: those of the invoices on file, the most frequent first. */
export interface Currencies {
  readonly currencies: readonly string[];
}
