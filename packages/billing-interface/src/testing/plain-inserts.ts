import { availableDriver } from '../journal/sqlite/available.js';
import { Database, type Statement } from '../journal/sqlite/database.js';

/**
 * One synced insert a transaction, by the driver and with the durability of a till's journal (`openJournal`): what a benchmark puts beside
 * a sale.
 */
export class PlainInserts {
  readonly #database: Database;
  readonly #insert: Statement<[string], never>;

  /** @param file is made; @throws Error this Node.js has no SQLite */
  constructor(file: string) {
    const driver = availableDriver();
    if (driver === null) throw new Error('This Node.js has no SQLite.');
    this.#database = new Database(driver, file, { readOnly: false, lockWaitMs: 0 });
    this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    this.#database.exec('CREATE TABLE rows (position INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT');
    this.#insert = this.#database.prepare<[string]>('INSERT INTO rows (content) VALUES (?)');
  }

  /** On disk when it returns. */
  insert(content: string): void {
    this.#insert.run(content);
  }

  close(): void {
    this.#database.close();
  }
}
