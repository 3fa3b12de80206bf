import type { BillingInterface } from '../api.js';
import type { JournalFault } from '../journal/journal-unavailable.js';
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
  openTill(options: Pick<OpenTillOptions, 'directory' | 'software' | 'timeZone'>): Promise<BillingInterface>;
  readonly enrol: typeof enrol;
  exportJournal(directory: string): Iterable<string>;
  readonly verifyJournal: typeof verifyJournal;
}

/** The real one. */
export const library: Library = { openTill, enrol, exportJournal, verifyJournal };

/** Why the journal cannot be opened, read or written, when that is what an error says. */
export function journalFault(error: unknown): JournalFault | null {
  if (error instanceof JournalUnavailable) return error.fault;
  if (!(error instanceof TillUnavailable) || error.code !== 'journal_unavailable') return null;
  return error.cause instanceof JournalUnavailable ? error.cause.fault : 'failed';
}
