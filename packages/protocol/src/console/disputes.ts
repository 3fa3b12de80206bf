/** Which of a dispute is the right one: what is on file, the receipt that contradicts it, or both, because both were given. */
export const DISPUTE_DECISIONS = ['on_file', 'receipt', 'both'] as const;
export type DisputeDecision = (typeof DISPUTE_DECISIONS)[number];

/** What an official decided of a dispute. `settledBy`: the official, or the log-in at the database. */
export interface Settlement {
  readonly stands: DisputeDecision;
  readonly settledBy: string;
  readonly reason: string;
  readonly settledAt: string;
}

/**
 * A genuine receipt that contradicts what is on file.
 * @property invoiceId of the receipt; null where only its print is known
 * @property settlement the newest decision; null: it is open
 */
export interface CodeDispute {
  readonly code: string;
  readonly codeOnFile: string;
  readonly terminalId: string;
  readonly invoiceId: string | null;
  readonly foundAt: string;
  readonly settlement: Settlement | null;
}

/** Answer to a decision; known: it was decided so before. */
export interface SettledDispute {
  readonly result: 'settled' | 'known';
  readonly dispute: CodeDispute;
}
