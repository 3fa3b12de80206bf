import { SqliteError } from './sqlite/sqlite-error.js';

/** What keeps a journal from being used. */
export type JournalFault = 'held' | 'damaged' | 'full' | 'newer' | 'inaccessible' | 'closed' | 'no_sqlite' | 'failed';

/**
 * The journal cannot be read or written. Nothing was signed and nothing that was signed is lost.
 * `message` says what is wrong and what to do.
 */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';

  constructor(
    readonly fault: JournalFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that have a remedy of their own. */
const FAULT_OF_RESULT: Readonly<Record<string, JournalFault>> = {
  SQLITE_BUSY: 'held',
  SQLITE_LOCKED: 'held',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
  SQLITE_FULL: 'full',
  SQLITE_CANTOPEN: 'inaccessible',
  SQLITE_READONLY: 'inaccessible',
  SQLITE_PERM: 'inaccessible',
  SQLITE_AUTH: 'inaccessible',
};

const SENTENCES: Readonly<Record<JournalFault, string>> = {
  held: 'Another program has the journal open. End it first; one program at a time may write it.',
  damaged:
    'The journal is damaged. Nothing was overwritten. Export what can be read (tax-terminal export), hand the export to the operator, ' +
    'then move journal.sqlite and the files beside it elsewhere: the next start opens a new journal.',
  full: 'The disk is full. Free some space; nothing was signed, and nothing that was signed is lost.',
  newer: 'The journal was written by a newer version of this program. Install that version or a newer one.',
  inaccessible: 'The journal cannot be opened. Check that its folder exists and that this user may write there.',
  closed: 'The billing interface was closed. Open it again.',
  no_sqlite:
    'This Node.js has no SQLite, which the journal needs. Install Node.js 22.13 or newer, which has it built in; on Node.js 20 install a ' +
    'C++ compiler and Python, then run npm ci again without --ignore-scripts.',
  failed: 'The disk failed to read or write the journal. Check the disk and the space on it, then start again.',
};

/** The error of a fault, with its remedy and whatever is known beside it. */
export function journalUnavailable(fault: JournalFault, beside?: string, cause?: unknown): JournalUnavailable {
  return new JournalUnavailable(fault, beside ? `${SENTENCES[fault]} (${beside})` : SENTENCES[fault], { cause });
}

/**
 * Runs work on the database; what SQLite throws comes out as `JournalUnavailable`, everything else as it is. A violated
 * constraint is a bug of ours, not a state of the disk: it stays what it is.
 */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SqliteError) || error.result === 'SQLITE_CONSTRAINT') throw error;
    throw journalUnavailable(FAULT_OF_RESULT[error.result] ?? 'failed', `${error.result}: ${error.message}`, error);
  }
}
