import type { Door, InvoiceKind, InvoiceType } from '@tax-control/protocol';

/**
 * What the ledger keeps of one invoice for ever, and a receipt bears: every member goes into the receipt, so that the
 * very same bytes can be made again from the row.
 * `issuedAt`: time of sale, UTC, to the second (`2026-11-22T17:05:09Z`); `registeredAt`: when the code was given, UTC, to the
 * millisecond (`2026-11-22T17:05:10.040Z`). `digest`: SHA-256 of the decoded payload, 32 bytes. `total`: smallest unit of `currency`.
 */
export interface LedgerFacts {
  readonly sequence: number;
  readonly code: string;
  readonly digest: Buffer;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly journalId: string;
  readonly counter: number;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly number: string;
  readonly issuedAt: string;
  readonly currency: string;
  readonly total: number;
  readonly door: Door;
  readonly registeredAt: string;
  /** `kid` of the key that signed the receipt. */
  readonly receiptKey: string;
}

/** A row on file: the facts and the server's signature over the receipt that they make. */
export interface LedgerRow extends LedgerFacts {
  readonly receiptSignature: Buffer;
}
