import type { BillingInterface } from '../api.js';

/** Software that makes the invoices, as it stands in each of them. */
export interface Software {
  readonly name: string;
  readonly version: string;
}

export type EnrolOutcome =
  | {
      readonly result: 'enrolled';
      readonly terminalId: string;
      readonly certificateNotAfter: string;
      readonly parametersVersion: number | null;
      readonly repeated: boolean;
      readonly detail: string;
    }
  | { readonly result: 'refused' | 'unreachable'; readonly cause: string; readonly detail: string };

export interface VerifyOutcome {
  readonly ok: boolean;
  readonly faults: readonly string[];
}

/** What the commands need of the billing interface; the real one in main.ts, one without disk and line in specs. */
export interface Library {
  openTill(options: {
    readonly directory: string;
    readonly software: Software;
  }): BillingInterface | Promise<BillingInterface>;
  enrol(options: { readonly invitation: string; readonly directory: string }): Promise<EnrolOutcome>;
  exportJournal(options: { readonly directory: string }): Iterable<string>;
  verifyJournal(options: { readonly directory: string }): VerifyOutcome;
  isJournalUnavailable(error: unknown): error is Error;
}
