import type { Door, InvoiceHead } from '@tax-control/protocol';
import type { InvoiceIdentity } from '../ledger/identity.js';
import { signedText } from '../ledger/signed-text.js';

/** The certificate whose key signed an invoice: one of its terminal's, perhaps an old one. Times: milliseconds since 1970. */
export interface SigningCertificate {
  /** Base64url SHA-256, as in the header's `x5t#S256`. */
  readonly thumbprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
}

/**
 * An invoice that is what it says: read, signed by its terminal, and in order by itself. Issuance takes nothing else, whatever door or
 * wire protocol it came by.
 */
export interface AuthenticInvoice {
  readonly invoice: InvoiceHead;
  /** The bytes that `invoice` was read from; what is stored and what an auditor verifies. */
  readonly payload: Buffer;
  /** SHA-256 of the payload, 32 bytes: the invoice's content in one word. */
  readonly digest: Buffer;
  /** ES256, 64 bytes. */
  readonly signature: Buffer;
  /** Text of the protected header; null where it is the usual one (see `usualHeader`). */
  readonly header: string | null;
  readonly signer: SigningCertificate;
  /** Time of sale by the till's clock, milliseconds since 1970. */
  readonly soldAt: number;
  readonly arrival: Arrival;
  /** Left out: it has no code yet, as far as its sender says. */
  readonly given?: GivenReceipt;
}

/**
 * The receipt that this server gave for an invoice and that its database has forgotten: genuine, and of this invoice. `registeredAt` and `receiptKey` as
 * in the ledger.
 */
export interface GivenReceipt {
  readonly sequence: number;
  readonly code: string;
  readonly registeredAt: string;
  readonly receiptKey: string;
  /** Compact JWS. */
  readonly receipt: string;
  readonly receiptSignature: Buffer;
}

/** By which way, when (milliseconds since 1970), and in which attempt of the till an invoice came in. */
export interface Arrival {
  readonly door: Door;
  readonly at: number;
  /** The `attempt-id` header (a UUID), if there was one. */
  readonly attemptId: string | null;
  /** The till had stopped between signature and sending: how old the invoice is says nothing about the till's clock. */
  readonly isResumed?: boolean;
  /** The highest code that its terminal holds; left out: it named none. */
  readonly newestCode?: string;
}

/** The compact JWS as it was sent, byte for byte: base64url has one spelling for each byte string. */
export function jwsOf({ header, signer, payload, signature }: AuthenticInvoice): string {
  return signedText({ header, signer: signer.thumbprint, payload, signature });
}

export function identityOf({ invoice }: AuthenticInvoice): InvoiceIdentity {
  return { terminalId: invoice.terminalId, invoiceId: invoice.id };
}

/** One text for the journal of an invoice, as key of maps: a journal's id is the till's word, so it counts with its terminal only. */
export function journalKey({ invoice }: AuthenticInvoice): string {
  return `${invoice.terminalId}/${invoice.journalId}`;
}
