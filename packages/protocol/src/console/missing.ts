import type { ReceiptProof } from './handed-receipts.js';

/** What a row of "missing" tells of. */
export const MISSING_KINDS = [
  'gap',
  'fork',
  'unknown_tail',
  'broken_chain',
  'old_backlog',
  'silent_terminal',
  'certificate_expiring',
  'clock_wrong',
  'unheard_since_restore',
  'disputed_code',
  'known_by_receipt',
] as const;
export type MissingKind = (typeof MISSING_KINDS)[number];

interface MissingOf<Kind extends MissingKind> {
  readonly kind: Kind;
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  /** Since when it is so, as far as known. */
  readonly since: string | null;
}

/**
 * Counters of one journal that nobody has sent: `from` … `to`, both inclusive. `since`: when the counter after them arrived.
 * `mayStillWait`: no longer ago than invoices may wait in a till.
 */
export interface Gap extends MissingOf<'gap'> {
  readonly mayStillWait: boolean;
  readonly journalId: string;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A counter that was used more than once in one journal. */
export interface Fork extends MissingOf<'fork'> {
  readonly journalId: string;
  readonly counter: number;
  readonly invoices: number;
}

/** A journal that another one followed, so nobody knows whether it went on after its last counter. */
export interface UnknownTail extends MissingOf<'unknown_tail'> {
  readonly journalId: string;
  readonly lastCounter: number;
  readonly nextJournalId: string;
}

/** An invoice that does not name the digest of the one before it. */
export interface BrokenChain extends MissingOf<'broken_chain'> {
  readonly journalId: string;
  readonly counter: number;
  readonly invoiceId: string;
}

/** Invoices known from the log that wait longer than the offline limit. */
export interface OldBacklog extends MissingOf<'old_backlog'> {
  readonly pending: number;
  readonly oldestAt: string;
  readonly limitHours: number;
}

/** No sign for longer than the terminal's habit, and no closing declared. */
export interface SilentTerminal extends MissingOf<'silent_terminal'> {
  readonly lastSignAt: string | null;
  readonly silentHours: number;
  readonly habitHours: number;
}

export interface ExpiringCertificate extends MissingOf<'certificate_expiring'> {
  readonly thumbprint: string;
  readonly notAfter: string;
  readonly daysLeft: number;
}

export interface WrongClock extends MissingOf<'clock_wrong'> {
  readonly offsetMs: number;
  readonly measuredAt: string;
}

/**
 * A terminal that has not said since the database was restored, or replaced, that all receipts it holds are on file. `newestOnFileAt`: what the
 * database still knew was from then; `restored`: invoices that this terminal brought back so far.
 */
export interface UnheardSinceRestore extends MissingOf<'unheard_since_restore'> {
  readonly recoveredAt: string;
  readonly newestOnFileAt: string;
  readonly restored: number;
}

/**
 * A genuine receipt that contradicts what is on file: the invoice has another code there, or its number belongs to another invoice.
 * `invoiceId`: null where only the print of the receipt is known.
 */
export interface DisputedCode extends MissingOf<'disputed_code'> {
  readonly code: string;
  readonly codeOnFile: string;
  readonly invoiceId: string | null;
}

/** An invoice of which a customer's receipt is all that there is, after a restore. `since`: when it was handed in. */
export interface KnownByReceipt extends MissingOf<'known_by_receipt'> {
  readonly code: string;
  readonly knownBy: ReceiptProof;
  readonly soldAt: string;
  readonly total: number;
  readonly currency: string;
  readonly takenBy: string;
  readonly reason: string;
}

export type Missing =
  | Gap
  | Fork
  | UnknownTail
  | BrokenChain
  | OldBacklog
  | SilentTerminal
  | ExpiringCertificate
  | WrongClock
  | UnheardSinceRestore
  | DisputedCode
  | KnownByReceipt;

/** How many there are of each kind, for the tabs of the page. */
export type MissingCounts = Readonly<Record<MissingKind, number>>;

/** A season in which silence is no sign of anything. */
export interface SeasonalClosingDraft {
  readonly premisesId: string;
  readonly start: string;
  readonly end: string;
  readonly reason: string;
}

export interface SeasonalClosing extends SeasonalClosingDraft {
  readonly closingId: string;
  readonly declaredBy: string;
  readonly declaredAt: string;
  readonly withdrawnAt: string | null;
}
