import type { BillingInterface } from '../api.js';
import {
  enrol,
  exportJournal,
  JournalUnavailable,
  openTill,
  type OpenTillOptions,
  TillUnavailable,
  verifyJournal,
} from '../index.js';

/** What the commands need of the billing interface; specs give one without disk and line. */
export interface Library {
  openTill(options: Pick<OpenTillOptions, 'directory' | 'software'>): Promise<BillingInterface>;
  readonly enrol: typeof enrol;
  exportJournal(directory: string): Iterable<string>;
  readonly verifyJournal: typeof verifyJournal;
}

/** The real one. */
export const library: Library = { openTill, enrol, exportJournal, verifyJournal };

/** Whether an error says that the journal cannot be opened, read or written. */
export function isJournalUnavailable(error: unknown): boolean {
  return (
    error instanceof JournalUnavailable || (error instanceof TillUnavailable && error.code === 'journal_unavailable')
  );
}
