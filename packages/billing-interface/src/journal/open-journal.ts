import { closeSync, existsSync, openSync } from 'node:fs';
import type { Clock } from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import { describeHolder, writeHolder } from './holder.js';
import { checkIntegrity } from './integrity.js';
import { Journal } from './journal.js';
import { JournalMark } from './journal-mark.js';
import { guarded, JournalUnavailable, journalUnavailable } from './journal-unavailable.js';
import { migrate } from './schema.js';
import { availableDriver } from './sqlite/available.js';
import { Database } from './sqlite/database.js';
import type { Driver } from './sqlite/driver.js';

/** How long an opener waits for the lock: time enough for a program that is just ending, short enough for a person. */
const LOCK_WAIT_MS = 500;

export interface JournalOptions {
  readonly file: string;
  /** Who opens it, for whoever finds it held: name and version. */
  readonly program: string;
  readonly clock: Clock;
  /** Upper bound of the file in pages of 4 KiB; the disk's own, if left out. */
  readonly pagesMax?: number;
  /** What reads and writes the file; the one of this Node.js, if left out. */
  readonly driver?: Driver;
}

/**
 * Opens the till's journal, makes it if there is none, and holds it until `close`: one process at a time.
 * Every commit is synced to disk (WAL, synchronous=FULL).
 * @throws JournalUnavailable held, damaged, newer, inaccessible, full or without SQLite; nothing was changed then
 */
export function openJournal(options: JournalOptions): Journal {
  const database = openFile(options);
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
      const database = new Database(usableDriver(), file, { readOnly: true, lockWaitMs: LOCK_WAIT_MS });
      try {
        // The first look takes the lock; until then nothing tells that another program holds it.
        database.value('SELECT count(*) FROM sqlite_master');
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
  } catch (error) {
    throw withHolder(error, file);
  }
}

/** Only its owner may read it: it holds what the shop sold. The folder's own mode keeps others out as well. */
function openFile({ file, driver = usableDriver() }: JournalOptions): Database {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw journalUnavailable('inaccessible', error instanceof Error ? error.message : undefined, error);
  }
  return guarded(() => new Database(driver, file, { readOnly: false, lockWaitMs: LOCK_WAIT_MS }));
}

function prepare(database: Database, { file, program, clock, pagesMax }: JournalOptions): Journal {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA foreign_keys = ON');
  if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${pagesMax}`);
  // A write transaction takes the lock that EXCLUSIVE then keeps.
  database.exec('BEGIN IMMEDIATE; COMMIT');
  writeHolder(file, program, utcTime(clock.now()));
  const hadMark = migrate(database);
  checkIntegrity(database);
  return new Journal(database, clock, new JournalMark(file, hadMark));
}

function usableDriver(): Driver {
  const driver = availableDriver();
  if (driver === null) throw journalUnavailable('no_sqlite', `Node.js ${process.versions.node}`);
  return driver;
}

function withHolder(error: unknown, file: string): unknown {
  if (!(error instanceof JournalUnavailable) || error.fault !== 'held') return error;
  return journalUnavailable('held', describeHolder(file) ?? undefined, error);
}
