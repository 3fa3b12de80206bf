import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { openJournalForReading } from './open-journal.js';
import type { Database } from './sqlite/database.js';

/** A journal as it was found. `close` ends the reading, and leaves nothing behind. */
export interface FoundJournal {
  readonly database: Database;
  readonly close: () => void;
}

/**
 * Opens a journal for reading where it lies, or a copy of it where its folder takes no writing (a disk that was taken out and mounted read-only):
 * SQLite makes an index beside a file that has a WAL, and cannot read it otherwise (sqlite.org/wal.html, "Read-Only Databases").
 * @throws JournalUnavailable as `openJournalForReading`
 */
export function openFoundJournal(file: string): FoundJournal {
  if (existsSync(file) && !mayWrite(dirname(file))) return openCopyOf(file);
  const database = openJournalForReading(file);
  return { database, close: () => database.close() };
}

/** Opens a copy of a journal and its WAL, in a folder that nobody else may read. */
export function openCopyOf(file: string): FoundJournal {
  const folder = mkdtempSync(join(tmpdir(), 'journal-copy-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, basename(file));
    for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    const database = openJournalForReading(copy);
    return {
      database,
      close: () => {
        database.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
