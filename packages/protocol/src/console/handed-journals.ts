import type { Problem } from '../catalogue/problems.js';

/** What became of an invoice of a handed-in journal; `restored`, `on_file`: it came with its receipt. The others as at the late door. */
export const HANDED_RESULTS = ['restored', 'on_file', 'issued', 'already_issued', 'refused', 'deferred'] as const;
export type HandedResult = (typeof HANDED_RESULTS)[number];

/**
 * waiting: the servers are taking it in. deferred: some of it is tried again by itself. done: nothing is left to do. refused: none of it was
 * taken.
 */
export const HANDED_STATES = ['waiting', 'deferred', 'done', 'refused'] as const;
export type HandedState = (typeof HANDED_STATES)[number];

/** Why a journal was refused whole: no authority of this installation issued any certificate that its invoices are signed by. */
export const HANDED_REFUSALS = ['signed_elsewhere'] as const;
export type HandedRefusal = (typeof HANDED_REFUSALS)[number];

/**
 * What a file or the journal behind it lacks. It keeps nothing else of the journal from being taken in.
 * cut, changed: the file is not as it was exported, and was handed in all the same. unreadable: a line, or what the export says that it could not
 * read of a damaged journal (`what`). counters_missing: none from `from` to `to`. counter_twice, chain_broken: at this counter.
 */
export type HandedFinding =
  | { readonly kind: 'cut' | 'changed' }
  | { readonly kind: 'unreadable'; readonly line: number; readonly what: string }
  | { readonly kind: 'counters_missing'; readonly journalId: string; readonly from: number; readonly to: number }
  | { readonly kind: 'counter_twice' | 'chain_broken'; readonly journalId: string; readonly counter: number };

/**
 * A journal that was handed in.
 * @property digest SHA-256 of the file, hexadecimal
 * @property isCheck a dry run: `results` say what would become of each, and nothing is taken in
 * @property handedBy the official, or the log-in at the database
 * @property findings the first ones of `findingsCount`
 * @property dueAt when it is tried again; null: nothing is left to try
 * @property results invoices by what became of them; `waiting`: nothing yet
 */
export interface HandedJournal {
  readonly handedId: number;
  readonly terminalId: string;
  readonly digest: string;
  readonly isCheck: boolean;
  readonly handedBy: string;
  readonly reason: string;
  readonly handedAt: string;
  readonly invoices: number;
  readonly findings: readonly HandedFinding[];
  readonly findingsCount: number;
  readonly state: HandedState;
  readonly refusedBecause: HandedRefusal | null;
  readonly dueAt: string | null;
  readonly endedAt: string | null;
  readonly results: Readonly<Record<HandedResult | 'waiting', number>>;
}

/** Answer to a hand-in; known: the same file was handed in before. */
export interface HandedIn {
  readonly result: 'handed_in' | 'known';
  readonly journal: HandedJournal;
}

/** Bytes of one part of an uploaded file: a fraction of what all officials behind one address may send at once. */
export const UPLOAD_PART_BYTES_MAX = 65_535;
/** Parts of one file: 1.3 GB, 400,000 invoices. */
export const UPLOAD_PARTS_MAX = 20_000;

/** One invoice of it. `line`: in the file. Members that cannot be read are null. */
export interface HandedInvoice {
  readonly line: number;
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly counter: number | null;
  readonly result: HandedResult | null;
  readonly code: string | null;
  readonly warnings: readonly string[];
  readonly problem: Problem | null;
}
