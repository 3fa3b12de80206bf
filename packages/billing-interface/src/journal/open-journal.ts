import { closeSync, existsSync, openSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Clock } from '../clock.js';
import { utcTime } from '../clock.js';
import { describeHolder, writeHolder } from './holder.js';
import { checkIntegrity } from './integrity.js';
import { Journal } from './journal.js';
import { guarded, JournalUnavailable, journalUnavailable } from './journal-unavailable.js';
import { migrate } from './schema.js';

/** How long an opener waits for the lock: time enough for a program that is just ending, short enough for a person. */
const LOCK_WAIT_MS = 500;

export interface JournalOptions {
  readonly file: string;
  /** Who opens it, for whoever finds it held: name and version. */
  readonly program: string;
  readonly clock: Clock;
  /** Upper bound of the file in pages of 4 KiB; the disk's own, if left out. */
  readonly pagesMax?: number;
}

/**
 * Opens the till's journal, makes it if there is none, and holds it until `close`: one process at a time.
 * Every commit is synced to disk (WAL, synchronous=FULL).
 * @throws JournalUnavailable held, damaged, newer, inaccessible or full; nothing was changed then
 */
export function openJournal(options: JournalOptions): Journal {
  const database = openFile(options.file);
  try {
    return guarded(() => prepare(database, options));
  } catch (error) {
    database.close();
    throw withHolder(error, options.file);
  }
}

/** Opens the file for reading alone, also a damaged one: nothing is written to it. */
export function openJournalForReading(file: string): Database {
  if (!existsSync(file)) throw journalUnavailable('inaccessible', `there is no ${file}; is this the folder of a till?`);
  try {
    return guarded(() => {
      const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
      // The first look takes the lock; until then nothing tells that another program holds it.
      database.prepare('SELECT count(*) FROM sqlite_master').get();
      return database;
    });
  } catch (error) {
    throw withHolder(error, file);
  }
}

/** Only its owner may read it: it holds what the shop sold. The folder's own mode keeps others out as well. */
function openFile(file: string): Database {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw journalUnavailable('inaccessible', error instanceof Error ? error.message : undefined, error);
  }
  return guarded(() => new SqliteDatabase(file, { timeout: LOCK_WAIT_MS }));
}

function prepare(database: Database, { file, program, clock, pagesMax }: JournalOptions): Journal {
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  if (pagesMax !== undefined) database.pragma(`max_page_count = ${pagesMax}`);
  // A write transaction takes the lock that EXCLUSIVE then keeps.
  database.exec('BEGIN IMMEDIATE; COMMIT');
  writeHolder(file, program, utcTime(clock.now()));
  migrate(database);
  checkIntegrity(database);
  return new Journal(database, clock);
}

function withHolder(error: unknown, file: string): unknown {
  if (!(error instanceof JournalUnavailable) || error.fault !== 'held') return error;
  return journalUnavailable('held', describeHolder(file) ?? undefined, error);
}
