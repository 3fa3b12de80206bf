/**
 * What proves a receipt that only a customer has. receipt: the server's own signature. print: the MAC in the code, which fits what is printed
 * beside it; an invented code fits once in a million.
 */
export const RECEIPT_PROOFS = ['receipt', 'print'] as const;
export type ReceiptProof = (typeof RECEIPT_PROOFS)[number];

/**
 * What a receipt says that only a customer has.
 * @property issuedAt time of sale, UTC, to the second
 * @property total smallest unit of `currency`
 * @property invoiceId null where only the print is known, like `journalId`, `number` and `registeredAt`
 */
export interface ReceiptFacts {
  readonly code: string;
  readonly knownBy: ReceiptProof;
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly counter: number;
  readonly type: 'normal' | 'advance' | 'training' | 'proforma' | 'copy';
  readonly kind: 'sale' | 'refund' | 'void';
  readonly issuedAt: string;
  readonly currency: string;
  readonly total: number;
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly number: string | null;
  readonly registeredAt: string | null;
}

/** A receipt that was handed in. `takenBy`: the official, or the log-in at the database. */
export interface KnownReceipt extends ReceiptFacts {
  readonly takenBy: string;
  readonly reason: string;
  readonly takenAt: string;
}

/**
 * Answer to a receipt that was handed in. taken_in: its number is accounted for now; known: it was before, by the same receipt; on_file: the
 * invoice itself is on file. `isCheck`: a dry run, nothing was stored. `known`: as it is kept; null where nothing is.
 */
export interface HandedReceipt {
  readonly result: 'taken_in' | 'known' | 'on_file';
  readonly isCheck: boolean;
  readonly facts: ReceiptFacts;
  readonly known: KnownReceipt | null;
}
